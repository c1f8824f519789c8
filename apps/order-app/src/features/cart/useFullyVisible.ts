import { useEffect, useState, type RefObject } from 'react'

/**
 * Returns whether an element is fully visible: within the window and not covered by the bars at its edges, which are fixed
 * and as high as the padding of the page leaves for them.
 *
 * @param rendered whether the element exists; changes with it
 */
export function useFullyVisible(element: RefObject<HTMLElement | null>, rendered: boolean): boolean {
  const [visible, setVisible] = useState(true)
  useEffect(() => {
    const target = element.current
    if (!rendered || !target) return
    let observer: IntersectionObserver | undefined
    const observe = () => {
      observer?.disconnect()
      observer = new IntersectionObserver(
        ([entry]) => setVisible(entry !== undefined && entry.intersectionRatio > 0.99),
        { rootMargin: `${-covered('header')}px 0px ${-covered('nav')}px 0px`, threshold: [0, 0.99, 1] },
      )
      observer.observe(target)
    }
    observe()
    // The navigation moves to the bottom on narrow windows.
    window.addEventListener('resize', observe)
    return () => {
      observer?.disconnect()
      window.removeEventListener('resize', observe)
    }
  }, [element, rendered])
  return visible
}

/** Height at the edge of the window that an element covers. */
function covered(selector: 'header' | 'nav'): number {
  const box = document.querySelector(selector)?.getBoundingClientRect()
  if (!box) return 0
  if (selector === 'header') return Math.ceil(Math.max(0, box.bottom))
  return box.bottom >= window.innerHeight - 1 ? Math.ceil(window.innerHeight - box.top) : 0
}
