import { useEffect, useRef, useState } from 'react'

import type { Action } from './useAction'

/** Time in which an action can be taken back: its mutation is sent afterwards. */
const UNDO_MS = 2_000

/** Action that waits for a moment before it is sent. */
export interface Undoable<Variables> extends Pick<Action<Variables>, 'busy' | 'problem'> {
  /** Started and not sent yet. */
  pending: boolean
  start: (variables: Variables) => void
  undo: () => void
}

/**
 * Returns an action that can be taken back for {@link UNDO_MS}. A step of an order cannot be reverted once it is stored, because
 * functions react to it immediately. If the component or the page is left in between, the action is sent at once.
 */
export function useUndoable<Variables>({ run, busy, problem }: Action<Variables>): Undoable<Variables> {
  const [pending, setPending] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const send = useRef<((leaving: boolean) => void) | undefined>(undefined)
  useEffect(() => {
    const leave = () => send.current?.(true)
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      leave()
    }
  }, [])
  const undo = () => {
    clearTimeout(timer.current)
    send.current = undefined
    setPending(false)
  }
  const start = (variables: Variables) => {
    send.current = (keepalive) => {
      undo()
      void run(variables, { keepalive })
    }
    setPending(true)
    timer.current = setTimeout(() => send.current?.(false), UNDO_MS)
  }
  return { pending, busy, problem, start, undo }
}
