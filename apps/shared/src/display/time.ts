const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** `14:03:27`, local time; with the day in front when it is not today. */
export function clockTime(timestamp: string, now: Date = new Date()): string {
  const at = new Date(timestamp)
  const today = at.toDateString() === now.toDateString()
  return today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`
}

/** `34 ms`, `2.1 s`, `3 min 5 s`, `2 h 10 min`, `4 d`, from milliseconds. */
export function duration(ms: number): string {
  const rounded = Math.max(0, ms)
  if (rounded < 999.5) return `${Math.round(rounded)} ms`
  const seconds = rounded / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d`
}

/** Milliseconds between two timestamps, with the microseconds that the database keeps and `Date` would drop. */
export function millisecondsBetween(from: string, to: string): number {
  return exact(to) - exact(from)
}

function exact(timestamp: string): number {
  const micros = /\.\d{3}(\d{1,3})/.exec(timestamp)?.[1] ?? ''
  return Date.parse(timestamp) + Number(micros.padEnd(3, '0')) / 1000
}
