import { hours as texts } from '../../texts/hours'

/** Period of a day, as the fields of the form: `09:00`, or empty. */
export interface Period {
  opens: string
  /** Not later than `opens`: on the next day. */
  closes: string
}

/** Periods of each day, from Monday. Without any, the restaurant is open at any time. */
export type Week = readonly (readonly Period[])[]

/** Row of the table; `weekday` is 1 for Monday. */
export interface Row {
  weekday: number
  opens: string
  closes: string
}

/** Maximum number of periods of a day; the database has the same limit. */
export const MAX_PERIODS = 3

const DAYS = [1, 2, 3, 4, 5, 6, 7]

/** Week without periods. */
export const ALWAYS_OPEN: Week = DAYS.map(() => [])

/** Week for a restaurant that sets hours for the first time. */
export const FIRST_WEEK: Week = DAYS.map(() => [{ opens: '11:00', closes: '22:00' }])

/** Returns the week of rows, whose times have seconds. */
export function weekOf(rows: readonly Row[]): Week {
  return DAYS.map((day) =>
    rows
      .filter(({ weekday }) => weekday === day)
      .map(({ opens, closes }) => ({ opens: opens.slice(0, 5), closes: closes.slice(0, 5) })),
  )
}

/** Returns the rows of a week. */
export function rowsOf(week: Week): (Row & { period: number })[] {
  return week.flatMap((periods, day) =>
    [...periods]
      .sort((a, b) => a.opens.localeCompare(b.opens))
      .map((period, index) => ({ weekday: day + 1, period: index + 1, ...period })),
  )
}

/** Whether a week has no periods. */
export function isAlwaysOpen(week: Week): boolean {
  return week.every((periods) => periods.length === 0)
}

/** Returns what is wrong with the periods of a day; undefined if nothing is. */
export function problemOf(periods: readonly Period[]): string | undefined {
  if (periods.some(({ opens, closes }) => opens === '' || closes === '')) return texts.enterTimes
  const sorted = [...periods].sort((a, b) => a.opens.localeCompare(b.opens))
  const overlap = sorted.some(({ opens, closes }, index) => {
    const next = sorted[index + 1]
    // A period that ends on the next day is the last one of its day.
    return next !== undefined && (closes <= opens || closes > next.opens)
  })
  return overlap ? texts.overlap : undefined
}

/** Returns the week with other periods of a day. */
export function withDay(week: Week, day: number, periods: readonly Period[]): Week {
  return week.map((before, index) => (index === day ? periods : before))
}
