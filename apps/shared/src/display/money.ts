const format = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

/** `$12.50` from 1250. The database keeps amounts in the smallest unit of the currency. */
export function money(cents: number): string {
  return format.format(cents / 100)
}
