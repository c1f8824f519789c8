/** Returns the start of the day of a time in local time, as a timestamp. */
export function midnightBefore(now: number): string {
  const day = new Date(now)
  day.setHours(0, 0, 0, 0)
  return day.toISOString()
}
