// The payment form.
import type { Page } from 'playwright-core'

/** Fills the form with a demo card. */
export async function fillDemoCard(page: Page, name = /Valid card/): Promise<void> {
  await page.getByRole('button', { name: 'Use a demo card' }).click()
  await page.getByRole('button', { name }).click()
}
