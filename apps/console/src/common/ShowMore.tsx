import { Button } from '@mantine/core'

import table from './table.module.css'

/** Below a list that has reached its limit: loads the next entries, too. */
export function ShowMore({
  shown,
  limit,
  step,
  onMore,
}: {
  /** Number of entries of the list. */
  shown: number
  /** Number of entries that were requested. */
  limit: number
  /** Number of entries that are requested more. */
  step: number
  onMore: (limit: number) => void
}) {
  if (shown < limit) return null
  return (
    <div className={table.row}>
      <Button variant="default" onClick={() => onMore(limit + step)}>
        Show {step} more
      </Button>
    </div>
  )
}
