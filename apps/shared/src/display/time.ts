/** Returns a formatter of times of day in local time, with the date if it is not today: `14:03:27`, `1 Jun, 14:03:27`. */
export function clockTimeFormat(locale?: string): (timestamp: string, now?: Date) => string {
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  return (timestamp, now = new Date()) => {
    const at = new Date(timestamp)
    const today = at.toDateString() === now.toDateString()
    return today ? time.format(at) : `${day.format(at)}, ${time.format(at)}`
  }
}

/** Time of day in the user's locale. */
export const clockTime = clockTimeFormat()

/** Returns a formatter of durations in milliseconds: `34 ms`, `2.1 s`, `3 min 5 s`, `2 h 10 min`, `4 d`. */
export function durationFormat(locale?: string): (ms: number) => string {
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (ms) => {
    const positive = Math.max(0, ms)
    if (positive < 999.5) return `${Math.round(positive)} ms`
    const seconds = positive / 1000
    if (seconds < 10) return `${tenths.format(seconds)} s`
    if (seconds < 60) return `${Math.floor(seconds)} s`
    const minutes = Math.floor(seconds / 60)
    if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
    const hours = Math.floor(minutes / 60)
    if (hours < 48) return `${hours} h ${minutes % 60} min`
    return `${Math.floor(hours / 24)} d`
  }
}

/** Duration in the user's locale, from milliseconds. */
export const duration = durationFormat()
