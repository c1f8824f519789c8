import { duration, integerText } from '@threefactor/shared'
import { common } from '../texts/common'

/** Returns the text for a remaining time in milliseconds, in whole seconds as on a clock. */
export function remainingText(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds <= 0) return common.timeIsUp
  return common.left(seconds < 60 ? common.seconds(integerText(seconds)) : duration(seconds * 1000))
}
