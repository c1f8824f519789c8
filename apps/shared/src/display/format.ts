// Texts that depend on the user's locale. Each formatter is exported as a factory, because tests need a fixed locale.

/** Returns a formatter of amounts in cents: `$12.50` from 1250. */
export function moneyFormat(locale?: string): (cents: number) => string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD' })
  return (cents) => format.format(cents / 100)
}

/** Returns a formatter of shares from 0 to 1: `98%`, and `>99%` or `<1%` where rounding would claim all or none. */
export function percentFormat(locale?: string): (share: number) => string {
  const format = new Intl.NumberFormat(locale, { style: 'percent' })
  return (share) => {
    const rounded = Math.round(share * 100)
    if (rounded === 100 && share < 1) return `>${format.format(0.99)}`
    if (rounded === 0 && share > 0) return `<${format.format(0.01)}`
    return format.format(share)
  }
}

/** Returns a formatter of minutes: `20 min`. */
export function minutesFormat(locale?: string): (minutes: number) => string {
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', maximumFractionDigits: 0 })
  return (minutes) => format.format(minutes)
}

/** Returns a formatter of distances: `3.2 km`. */
export function kilometresFormat(locale?: string): (kilometres: number) => string {
  const format = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'kilometer',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  return (kilometres) => format.format(kilometres)
}

const integer = new Intl.NumberFormat()

/** Minutes in the user's locale. */
export const minutesText = minutesFormat()

/** Distance in the user's locale, from kilometres. */
export const kilometresText = kilometresFormat()

/** Amount of money in the user's locale, from cents. */
export const money = moneyFormat()

/** Share of a whole in the user's locale, from 0 to 1. */
export const percent = percentFormat()

/** Integer in the user's locale. */
export function integerText(value: number): string {
  return integer.format(value)
}

/** Returns a count that is known up to a maximum: `25+` if it is greater. */
export function cappedText(count: number, maximum: number): string {
  return count > maximum ? `${integer.format(maximum)}+` : integer.format(count)
}
