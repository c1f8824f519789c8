import { useEffect, useRef, useState } from 'react'

import { addUnsent } from './unsentSteps'
import type { Outcome } from './useAction'

/** Time in which an action can be taken back: its mutation is sent afterwards. */
const UNDO_MS = 2_000

/** Sends the mutation of an action. */
type Run = (options: { keepalive: boolean }) => Promise<Outcome>

/** Action that waits for a moment before it is sent. */
export interface Undoable {
  /** Started and not sent yet. */
  pending: boolean
  start: (run: Run) => void
  undo: () => void
}

interface Waiting {
  timer: ReturnType<typeof setTimeout>
  send: (keepalive: boolean) => Promise<boolean>
  remove: () => void
}

/**
 * Returns an action that can be taken back for {@link UNDO_MS}. A step of an order cannot be reverted once it is stored, because
 * functions react to it immediately. If the component or the page is left in between, or the user signs out, the action is
 * sent at once.
 */
export function useUndoable(): Undoable {
  const [pending, setPending] = useState(false)
  const waiting = useRef<Waiting>(undefined)
  useEffect(() => {
    const leave = () => void waiting.current?.send(true)
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      leave()
    }
  }, [])
  const undo = () => {
    clearTimeout(waiting.current?.timer)
    waiting.current?.remove()
    waiting.current = undefined
    setPending(false)
  }
  const start = (run: Run) => {
    const send = async (keepalive: boolean) => {
      undo()
      return (await run({ keepalive })) !== 'failed'
    }
    undo()
    setPending(true)
    waiting.current = {
      timer: setTimeout(() => void send(false), UNDO_MS),
      send,
      remove: addUnsent(() => send(false)),
    }
  }
  return { pending, start, undo }
}
