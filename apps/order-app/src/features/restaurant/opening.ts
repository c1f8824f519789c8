import { isToday, weekTime } from '@threefactor/shared'

import { common } from '../../texts/common'

/** Restaurant as far as its opening is concerned. */
export interface Opening {
  open: boolean
  /** When it takes orders again; undefined if it is open, or closed by its switch. */
  opensAt: string | undefined
  /** Whether that is the end of a pause. */
  paused: boolean
}

/** Returns when a closed restaurant takes orders again, or that it is closed if that is not known; undefined if it is open. */
export function closedText({ open, opensAt, paused }: Opening): string | undefined {
  if (open) return undefined
  if (opensAt === undefined) return common.closed
  const time = weekTime(opensAt)
  if (paused) return common.pausedUntil(time)
  return (isToday(opensAt) ? common.opensAt : common.opensOn)(time)
}
