/**
 * Returns a formatter of times of day in local time, with the date if it is not today and the year if it is not this one:
 * `14:03:27`, `1 Jun, 14:03:27`, `1 Jun 2024, 14:03:27`.
 */
export function clockTimeFormat(
  locale?: string,
  timeStyle: 'short' | 'medium' = 'medium',
): (timestamp: string, now?: Date) => string {
  const time = new Intl.DateTimeFormat(locale, { timeStyle })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  return (timestamp, now = new Date()) => {
    const at = new Date(timestamp)
    if (isToday(timestamp, now)) return time.format(at)
    const format = at.getFullYear() === now.getFullYear() ? day : date
    return `${format.format(at)}, ${time.format(at)}`
  }
}

/** Returns whether a timestamp is of today in local time. */
export function isToday(timestamp: string, now = new Date()): boolean {
  return new Date(timestamp).toDateString() === now.toDateString()
}

/** Time of day in the user's locale. */
export const clockTime = clockTimeFormat()

/** Time of day to the minute in the user's locale, with the date if it is not today. */
export const shortTime = clockTimeFormat(undefined, 'short')

/** Returns a formatter of days in local time: `Today`, `Yesterday`, `Monday, 1 June`, `1 June 2024`. */
export function dayFormat(locale?: string): (timestamp: string, now?: Date) => string {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' })
  return (timestamp, now = new Date()) => {
    const at = new Date(timestamp)
    const days = [0, 1].find((ago) => {
      const that = new Date(now)
      // Not 24 hours: a day with a change of the clock is shorter or longer.
      that.setDate(that.getDate() - ago)
      return that.toDateString() === at.toDateString()
    })
    if (days !== undefined) return capitalised(relative.format(-days, 'day'))
    return at.getFullYear() === now.getFullYear() ? day.format(at) : date.format(at)
  }
}

function capitalised(text: string): string {
  return text.slice(0, 1).toLocaleUpperCase() + text.slice(1)
}

/** Day in the user's locale. */
export const dayName = dayFormat()

/** Returns a formatter of times of day to the minute in local time: `14:03`, `2:03 PM`. */
export function minuteFormat(locale?: string): (timestamp: string) => string {
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
  return (timestamp) => time.format(new Date(timestamp))
}

/** Time of day to the minute in the user's locale. */
export const minuteTime = minuteFormat()

/** Returns a formatter of times within the next week in local time, with the weekday if it is not today: `17:00`, `Tuesday 17:00`. */
export function weekTimeFormat(locale?: string): (timestamp: string, now?: Date) => string {
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long' })
  return (timestamp, now = new Date()) => {
    const at = new Date(timestamp)
    return isToday(timestamp, now) ? time.format(at) : `${weekday.format(at)} ${time.format(at)}`
  }
}

/** Time within the next week in the user's locale. */
export const weekTime = weekTimeFormat()

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
