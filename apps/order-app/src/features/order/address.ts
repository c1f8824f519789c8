/** The path of an order's page. Ids are any text. */
export function orderPath(id: string): string {
  return `/orders/${encodeURIComponent(id)}`
}

/** The id in the path of an order's page, as the browser has it: the router's own parameters are decoded half. */
export function orderIdIn(pathname: string): string {
  const encoded = pathname.replace(/^\/orders\//, '')
  try {
    return decodeURIComponent(encoded)
  } catch {
    // Typed by hand: then it is what it says.
    return encoded
  }
}
