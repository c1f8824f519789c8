// Operates a page with the keyboard only, for users without a pointer.
import assert from 'node:assert/strict'

import type { Locator, Page } from 'playwright-core'

import { until } from './stack.ts'

/** More than any page has controls. */
const MAX_TABS = 300

/** State of the focus. */
interface Focus {
  /** Text of the element, for messages. */
  name: string
  /** Whether no element has the focus. */
  lost: boolean
  /** Whether the element is in the window, not covered, and marked. */
  seen: boolean
}

function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!element || element === document.body) return { name: 'nothing', lost: true, seen: false }
    const name = `${element.tagName} “${(element.getAttribute('aria-label') ?? element.textContent).slice(0, 60)}”`
    // The heading of a page and the page itself cannot be operated, so they are not marked.
    if (element.matches('h1, h2, main, ul')) return { name, lost: false, seen: true }
    const hasOutline = (part: Element, pseudo?: string) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(part, pseudo)
      return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
    }
    // A switch is marked at its track, which is beside the input or in an element beside it; a choice at its label; the link of
    // a card at the card, which its pseudo-element covers.
    const next = element.nextElementSibling
    const marked =
      hasOutline(element, '::after') ||
      [element, next, next?.firstElementChild, element.closest('label')].some(
        (part) => part instanceof Element && hasOutline(part),
      )
    const parts = [element, next, element.parentElement].filter((part) => part !== null)
    const { left, top, width, height } = element.getBoundingClientRect()
    const at = document.elementFromPoint(left + width / 2, top + height / 2)
    const uncovered = at !== null && parts.some((part) => part.contains(at) || at.contains(part))
    return { name, lost: false, seen: marked && uncovered }
  })
}

/** Waits until an element has the focus that an action has removed; throws if it stays lost. */
export async function assertFocusKept(page: Page, after: string): Promise<void> {
  await until(`the focus is kept after ${after}`, async () => !(await focusOf(page)).lost, 3_000)
}

/** Moves the focus forwards to a control. Throws if an element on the way has the focus without being seen. */
export async function tabTo(control: Locator): Promise<void> {
  const page = control.page()
  await control.waitFor()
  if (await control.evaluate((element) => element === document.activeElement)) return
  for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
    await page.keyboard.press('Tab')
    const { name, lost, seen } = await focusOf(page)
    // After the last control, the focus is on the window of the browser for one step.
    assert.ok(lost || seen, `the focus on ${name} is not visible`)
    if (await control.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`the Tab key does not reach ${control.toString()}`)
}

/** Moves the focus to a control and presses a key there. */
export async function press(control: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
  const page = control.page()
  await tabTo(control)
  // A list whose rows have just moved ignores the key.
  await page.locator('[data-moved]').waitFor({ state: 'detached' })
  await page.keyboard.press(key)
  await assertFocusKept(page, control.toString())
}

/** Moves the focus to a field and types a text. */
export async function type(field: Locator, text: string): Promise<void> {
  await tabTo(field)
  await field.page().keyboard.type(text)
}
