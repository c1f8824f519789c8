// Operates the order app as a customer.
import type { Page } from 'playwright-core'

/** Waits until a step of the order on the page has a state. */
export async function step(page: Page, name: string, state: string): Promise<void> {
  await page.locator(`[data-step="${name}"][data-state="${state}"]`).waitFor()
}

/** Returns the id of the order on the page. */
export function orderId(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}

/** Opens a restaurant from the list of restaurants. */
export async function openRestaurant(page: Page, name = 'Trattoria Presto'): Promise<void> {
  await page.getByRole('link', { name: 'Presto', exact: true }).click()
  await page.getByRole('list', { name: 'Restaurants' }).getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}
