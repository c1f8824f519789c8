import { useEffect, type RefObject } from 'react'

/** Elements that a click gives the focus. */
const FOCUSABLE = 'a, button, input, select, textarea, label, summary, [tabindex]'

/**
 * Keeps the keyboard focus, which the browser drops when the element that has it is removed or disabled: it returns to the
 * element when that is enabled again, and moves to the heading of the page when it was removed. Effects of components that know
 * a better place run before.
 *
 * @param content element that contains the heading; receives the focus if there is none
 */
export function useKeptFocus(content: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    let last: HTMLElement | undefined
    const remember = ({ target }: Event) => {
      last = target instanceof HTMLElement ? target : undefined
    }
    // A click beside the controls takes the focus from them on purpose.
    const forget = ({ target }: Event) => {
      if (target instanceof Element && !target.closest(FOCUSABLE)) last = undefined
    }
    const restore = () => {
      if (!last || document.activeElement !== document.body) return
      if (!last.isConnected) headingOf(content.current)?.focus({ preventScroll: true })
      else if (!last.matches(':disabled')) last.focus({ preventScroll: true })
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    const changes = new MutationObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(restore)
    })
    changes.observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['disabled'],
    })
    document.addEventListener('focusin', remember)
    document.addEventListener('pointerdown', forget)
    return () => {
      changes.disconnect()
      clearTimeout(timer)
      document.removeEventListener('focusin', remember)
      document.removeEventListener('pointerdown', forget)
    }
  }, [content])
}

function headingOf(content: HTMLElement | null): HTMLElement | null {
  return content?.querySelector<HTMLElement>('h1[tabindex]') ?? content
}
