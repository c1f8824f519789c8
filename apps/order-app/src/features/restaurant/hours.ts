/** Period of a weekday, 1 for Monday; times such as `09:00:00`. */
export interface Period {
  weekday: number
  opens: string
  /** Not later than `opens`: on the next day. */
  closes: string
}

/** Periods of a weekday, as texts. */
export interface Day {
  name: string
  periods: { opens: string; closes: string; allDay: boolean }[]
  isToday: boolean
}

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7]
const MIDNIGHT = '00:00:00'

/** Returns a formatter of a week of hours, from Monday, with the names and times of the locale. */
export function weekFormat(locale?: string): (hours: readonly Period[], zone: string, now?: Date) => Day[] {
  const weekdayName = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' })
  const timeOfDay = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' })
  // The first of January 2024 is a Monday.
  const time = (text: string) => timeOfDay.format(new Date(`2024-01-01T${text.slice(0, 8)}Z`))
  return (hours, zone, now = new Date()) => {
    const today = weekdayIn(zone, now)
    return WEEKDAYS.map((weekday) => ({
      name: weekdayName.format(new Date(Date.UTC(2024, 0, weekday))),
      periods: hours
        .filter((period) => period.weekday === weekday)
        .map(({ opens, closes }) => ({
          opens: time(opens),
          closes: time(closes),
          allDay: opens === MIDNIGHT && closes === MIDNIGHT,
        })),
      isToday: weekday === today,
    }))
  }
}

/** Week of opening hours in the user's locale. */
export const weekOf = weekFormat()

/** Weekday at a time in a time zone, 1 for Monday; of UTC if the browser does not know the zone. */
function weekdayIn(timeZone: string, now: Date): number {
  const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  const name = (timeZone: string) =>
    new Intl.DateTimeFormat('en-US', { weekday: 'short', timeZone }).format(now)
  try {
    return names.indexOf(name(timeZone)) + 1
  } catch {
    return names.indexOf(name('UTC')) + 1
  }
}
