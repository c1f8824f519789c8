import { useNow } from '@threefactor/shared'

import classes from './Deadline.module.css'
import { remainingText } from './remainingText'

/** Remaining time below which a deadline is emphasised. */
const URGENT_MS = 2 * 60_000

/** Time that remains for an answer. */
export function Deadline({ at }: { at: string }) {
  const remaining = Date.parse(at) - useNow()
  return (
    <span className={classes.deadline} data-urgent={remaining < URGENT_MS || undefined}>
      {remainingText(remaining)}
    </span>
  )
}
