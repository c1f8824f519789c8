import { isToday, weekTime } from '@threefactor/shared'

import { common } from '../../texts/common'

/** Restaurant as far as its opening is concerned. */
export interface Opening {
  open: boolean
  /** When it opens by its hours; undefined if it is open, or closed by its switch. */
  opensAt: string | undefined
}

/** Returns when a closed restaurant opens, or that it is closed if that is not known; undefined if it is open. */
export function closedText({ open, opensAt }: Opening): string | undefined {
  if (open) return undefined
  if (opensAt === undefined) return common.closed
  return (isToday(opensAt) ? common.opensAt : common.opensOn)(weekTime(opensAt))
}
