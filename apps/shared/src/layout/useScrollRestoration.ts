import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'

import { ScrollPositions } from './scrollPositions'

/** Time after which a page that stays shorter than it was is left at its top. */
const RESTORE_WITHIN_MS = 5_000

/**
 * Restores the scroll position after Back, Forward and reload; a page that is opened through a link starts at its top. The
 * browser does this only for pages whose content exists when they are shown, and here it arrives through a subscription.
 */
export function useScrollRestoration(): void {
  const [path] = useLocation()
  const [positions] = useState(() => new ScrollPositions(window.history, window.sessionStorage))
  // While a position is being restored, the page is shorter than it was, and its own positions are not recorded.
  const restoring = useRef(false)
  useEffect(() => {
    const record = () => {
      if (!restoring.current) positions.set(window.scrollY)
    }
    const store = () => {
      record()
      positions.store()
    }
    window.history.scrollRestoration = 'manual'
    window.addEventListener('scroll', record, { passive: true })
    // Before the click is handled, because a new address replaces the state of the entry.
    window.addEventListener('click', record, { capture: true })
    window.addEventListener('pagehide', store)
    return () => {
      window.removeEventListener('scroll', record)
      window.removeEventListener('click', record, { capture: true })
      window.removeEventListener('pagehide', store)
    }
  }, [positions])
  useLayoutEffect(() => {
    const target = positions.get()
    window.scrollTo(0, target)
    if (target === 0) return
    restoring.current = true
    const end = () => {
      restoring.current = false
    }
    return scrollWhenHighEnough(target, end)
  }, [path, positions])
}

/**
 * Scrolls as soon as the page is high enough, unless the user scrolls first.
 *
 * @param onEnd called when the position is restored or given up
 * @returns a function that gives up
 */
function scrollWhenHighEnough(target: number, onEnd: () => void): () => void {
  const size = new ResizeObserver(() => {
    window.scrollTo(0, target)
    if (Math.abs(window.scrollY - target) <= 1) stop()
  })
  const stop = () => {
    size.disconnect()
    clearTimeout(timer)
    window.removeEventListener('wheel', stop)
    window.removeEventListener('touchstart', stop)
    window.removeEventListener('keydown', stop)
    onEnd()
  }
  const timer = setTimeout(stop, RESTORE_WITHIN_MS)
  size.observe(document.body)
  window.addEventListener('wheel', stop, { passive: true })
  window.addEventListener('touchstart', stop, { passive: true })
  window.addEventListener('keydown', stop)
  return stop
}
