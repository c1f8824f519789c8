/** Returns a formatter of minutes: `20 min`. */
export function minutesFormat(locale?: string): (minutes: number) => string {
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'short' })
  return (minutes) => format.format(minutes)
}

/** Minutes in the user's locale. */
export const minutesText = minutesFormat()
