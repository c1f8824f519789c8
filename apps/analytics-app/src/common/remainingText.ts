import { duration } from '@threefactor/shared'

/** Returns the text for a remaining time in milliseconds, in whole seconds as on a clock. */
export function remainingText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds <= 0) return 'Time is up'
  return `${seconds < 60 ? `${seconds} s` : duration(seconds * 1000)} left`
}
