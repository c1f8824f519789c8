/**
 * Returns the id of a new order: 128 random bits in the form of a UUID. The app chooses it so that a retried request does
 * not place a second order. `crypto.randomUUID` is not available on pages without TLS.
 */
export function newOrderId(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  return [0, 8, 12, 16, 20].map((from, n) => hex.slice(from, [8, 12, 16, 20, 32][n])).join('-')
}
