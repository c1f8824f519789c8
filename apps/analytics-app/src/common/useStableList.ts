import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react'

import './useStableList.css'

/** Time for which a list whose rows have moved ignores clicks: the second one of two must not reach the next row. */
const SETTLE_MS = 400

/**
 * Keeps a list safe to operate while its rows change: after rows have moved, it ignores pointer and keyboard for a moment (the
 * style sheet disables the pointer for the controls of `[data-moved]`), and the focus of a removed row moves to the row that
 * takes its place.
 *
 * @param ids ids of the rows, in the order of the list
 */
export function useStableList(list: RefObject<HTMLElement | null>, ids: readonly string[]): void {
  const before = useRef(ids)
  const focused = useRef<number>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    // Not `focusout`, which browsers also emit, or do not, when the element with the focus is removed.
    const follow = ({ target }: Event) => {
      const row = [...(list.current?.children ?? [])].findIndex((row) => row.contains(target as Node))
      focused.current = row < 0 ? undefined : row
    }
    // Enter on a button is a click, too.
    const ignoreWhileMoved = (event: Event) => {
      // A dialog of a row does not move.
      if (!element?.hasAttribute('data-moved') || (event.target as Element).closest('dialog')) return
      event.preventDefault()
      event.stopPropagation()
    }
    const element = list.current
    element?.addEventListener('click', ignoreWhileMoved, { capture: true })
    document.addEventListener('focusin', follow)
    document.addEventListener('pointerdown', follow)
    return () => {
      element?.removeEventListener('click', ignoreWhileMoved, { capture: true })
      document.removeEventListener('focusin', follow)
      document.removeEventListener('pointerdown', follow)
      clearTimeout(timer.current)
    }
  }, [list])
  useLayoutEffect(() => {
    const element = list.current
    const moved = hasMoved(before.current, ids)
    before.current = ids
    if (!element) return
    if (focused.current !== undefined && document.activeElement === document.body) {
      const row = element.children[Math.min(focused.current, ids.length - 1)]
      const control = row?.querySelector<HTMLElement>('button, a') ?? element
      control.focus({ preventScroll: true })
    }
    if (!moved) return
    element.toggleAttribute('data-moved', true)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => element.toggleAttribute('data-moved', false), SETTLE_MS)
  })
}

/** Returns whether a row that is still in the list has another position. */
export function hasMoved(before: readonly string[], after: readonly string[]): boolean {
  return before.some((id, index) => after[index] !== id && after.includes(id))
}
