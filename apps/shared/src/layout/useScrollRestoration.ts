import { useEffect, useLayoutEffect } from 'react'
import { useLocation } from 'wouter'

/** Time after which a page that stays shorter than it was is left at its top. */
const RESTORE_WITHIN_MS = 5_000

/**
 * Restores the scroll position after Back, Forward and reload; a page that is opened through a link starts at its top. The
 * browser does this only for pages whose content exists when they are shown, and here it arrives through a subscription.
 */
export function useScrollRestoration(): void {
  const [path] = useLocation()
  useEffect(() => {
    window.history.scrollRestoration = 'manual'
    // Before the click is handled, so that the position is stored in the entry of the page that it leaves.
    window.addEventListener('click', remember, { capture: true })
    window.addEventListener('pagehide', remember)
    return () => {
      window.removeEventListener('click', remember, { capture: true })
      window.removeEventListener('pagehide', remember)
    }
  }, [])
  useLayoutEffect(() => {
    const target = remembered()
    window.scrollTo(0, target)
    return target > 0 ? scrollWhenHighEnough(target) : undefined
  }, [path])
}

function remember(): void {
  const state: unknown = window.history.state
  window.history.replaceState({ ...(state as object | null), scroll: window.scrollY }, '')
}

function remembered(): number {
  const state = window.history.state as { scroll?: unknown } | null
  return typeof state?.scroll === 'number' ? state.scroll : 0
}

/** Scrolls as soon as the page is high enough, unless the user scrolls first; returns a function that gives up. */
function scrollWhenHighEnough(target: number): () => void {
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
  }
  const timer = setTimeout(stop, RESTORE_WITHIN_MS)
  size.observe(document.body)
  window.addEventListener('wheel', stop, { passive: true })
  window.addEventListener('touchstart', stop, { passive: true })
  window.addEventListener('keydown', stop)
  return stop
}
