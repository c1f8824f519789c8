/** Highest price that the editor accepts, in cents. */
export const MAX_CENTS = 100_000

/** Returns the cents of a price as a user types it, such as `5`, `6.50` or `6,50`; undefined if it is not an amount. */
export function centsOf(text: string): number | undefined {
  const [, units, fraction = ''] = /^\s*(\d{1,9})(?:[.,](\d{1,2}))?\s*$/.exec(text) ?? []
  if (units === undefined) return undefined
  return Number(units) * 100 + Number(fraction.padEnd(2, '0'))
}

/** Returns a price for the editor: `6.50` from 650. */
export function priceText(cents: number): string {
  return (cents / 100).toFixed(2)
}
