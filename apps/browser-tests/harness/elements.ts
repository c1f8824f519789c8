// Elements that the order app and the dashboard share.
import type { Locator, Page } from 'playwright-core'

/** Returns the button with this name. */
export function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name })
}

/** Returns an order in a list. */
export function card(page: Page, list: string, id: string): Locator {
  return page.getByRole('list', { name: list }).locator(`[data-order="${id}"]`)
}

/** Returns the text of the focused element. */
export function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent)
}
