/**
 * Returns the id of a new order: a UUID of version 7, milliseconds followed by 74 random bits. Ids in the order of time keep the
 * entries of new orders adjacent in the indexes of the database. The app chooses the id so that a retried request does
 * not place a second order. `crypto.randomUUID` is not available on pages without TLS.
 */
export function newOrderId(): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  const milliseconds = Date.now().toString(16).padStart(12, '0')
  const variant = '89ab'.charAt(parseInt(random.charAt(3), 16) % 4)
  const hex = `${milliseconds}7${random.slice(0, 3)}${variant}${random.slice(4, 19)}`
  return [0, 8, 12, 16, 20].map((from, n) => hex.slice(from, [8, 12, 16, 20, 32][n])).join('-')
}
