import { Button } from '@mantine/core'
import { useEffect, useEffectEvent } from 'react'

import { common } from '../../texts/common'
import classes from './UndoNotice.module.css'

/** Time for which a change can be undone. */
const UNDO_MS = 10_000

/** Message about a change, with a button that reverts it. */
export function UndoNotice({
  text,
  onUndo,
  onEnd,
}: {
  text: string
  onUndo: () => void
  /** Called when the time is over. */
  onEnd: () => void
}) {
  const end = useEffectEvent(onEnd)
  useEffect(() => {
    const timer = setTimeout(() => end(), UNDO_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className={classes.notice} role="status">
      <span>{text}</span>
      <Button variant="subtle" onClick={onUndo}>
        {common.undo}
      </Button>
    </div>
  )
}
