/** Path of an order's page. An id is any text. */
export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`
}

/** Returns the id in the browser's path of an order's page. The router's parameters are only partly decoded. */
export function orderIdFromPath(pathname: string): string {
  const encoded = pathname.replace(/^\/orders\//, '')
  try {
    return decodeURIComponent(encoded)
  } catch {
    // A malformed escape sequence, typed by the user: the text is the id.
    return encoded
  }
}
