// Reading the dashboard.
import type { Page } from 'playwright-core'

/** The five counters, by the status that they count. */
export const COUNTERS = ['placed', 'validated', 'paid', 'approved', 'assigned'] as const

/** The counters as they stand on the page. */
export async function count(page: Page): Promise<Record<(typeof COUNTERS)[number], number>> {
  await page.locator('[data-counter="placed"]').waitFor()
  const texts = await page.evaluate(
    (counters) =>
      counters.map((name) => document.querySelector(`[data-counter="${name}"]`)?.textContent ?? ''),
    COUNTERS,
  )
  const number = (name: (typeof COUNTERS)[number]) =>
    Number(texts[COUNTERS.indexOf(name)]?.replaceAll(',', ''))
  return {
    placed: number('placed'),
    validated: number('validated'),
    paid: number('paid'),
    approved: number('approved'),
    assigned: number('assigned'),
  }
}

/** How many orders reached a state, over all rows of the chart's table. */
export function stateTotal(page: Page, state: string): Promise<number> {
  return page.evaluate(
    (state) =>
      [...document.querySelectorAll(`[data-reached="${state}"]`)].reduce(
        (sum, cell) => sum + Number(cell.textContent),
        0,
      ),
    state,
  )
}

/** Goes to a page by the navigation. */
export async function gotoPage(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click()
}
