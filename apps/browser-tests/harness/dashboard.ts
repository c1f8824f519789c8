// Reads values from the dashboard, and operates it.
import type { Locator, Page } from 'playwright-core'

/** Statuses with a counter. */
export const COUNTERS = ['placed', 'validated', 'paid', 'approved', 'assigned'] as const

/** Returns the values of the counters. */
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

/** Returns the number of orders that reached a status, over all rows of the chart's table. */
export function statusTotal(page: Page, status: string): Promise<number> {
  return page.evaluate(
    (status) =>
      [...document.querySelectorAll(`[data-reached="${status}"]`)].reduce(
        (sum, cell) => sum + Number(cell.textContent.replaceAll(',', '')),
        0,
      ),
    status,
  )
}

/** Opens a page through the navigation. */
export async function gotoPage(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click()
}

const withClock = new WeakSet<Page>()

/** Presses the button of an order's next step, and lets the time pass in which that can be undone. */
export async function takeStep(button: Locator): Promise<void> {
  const page = button.page()
  if (!withClock.has(page)) await page.clock.install()
  withClock.add(page)
  await button.click()
  await page.clock.fastForward(2_000)
}
