// Load test with a thousand orders.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { customer, named } from './harness/customers.ts'
import { COUNTERS, count } from './harness/dashboard.ts'
import { frameIntervals, quantile, recordFrames } from './harness/frames.ts'
import { graphql, until } from './harness/stack.ts'

test('a thousand orders are placed and paid, each gets a driver, and the apps stay responsive', async (context) => {
  const user = named('load-test')
  const dashboard = await open('analytics_app')
  const before = await count(dashboard)
  await recordFrames(dashboard)
  const loadTest = await open('analytics_app', { path: '/load-test' })
  await loadTest.getByRole('button', { name: 'Place 1,000 orders' }).click()
  // The test continues on other pages.
  await loadTest.getByRole('link', { name: 'Overview' }).first().click()
  await loadTest.getByRole('link', { name: 'Load test' }).click()
  await loadTest.getByText(/1,000 orders placed in/).waitFor({ timeout: 60_000 })
  await close(loadTest)
  const page = await open('order_app', { user, path: '/orders' })
  await page.getByRole('button', { name: 'All 1,000' }).waitFor()
  await page.getByRole('button', { name: 'Ready to pay 1,000' }).waitFor({ timeout: 60_000 })

  // Only the visible rows are rendered, at every scroll position.
  const rows = page.getByRole('list', { name: 'Orders, those in progress first' }).getByRole('listitem')
  assert.ok((await rows.count()) < 50, `${await rows.count()} rows`)
  await page.mouse.move(600, 500)
  await page.mouse.wheel(0, 200_000)
  await page.locator('[aria-posinset="1000"]').waitFor()
  assert.ok((await rows.count()) < 50, `${await rows.count()} rows`)
  await page.mouse.wheel(0, -200_000)
  await page.locator('[aria-posinset="1"]').waitFor()

  await recordFrames(page)
  await page.getByRole('button', { name: 'Pay all' }).click()
  await page.getByRole('button', { name: /Valid card/ }).click()
  await page.getByRole('button', { name: 'Pay $5,000.00' }).click()
  // The payments continue on other pages.
  await page.getByRole('button', { name: 'Continue in the background' }).click()
  await page.getByRole('link', { name: 'Restaurants', exact: true }).click()
  await page.getByRole('heading', { name: 'What would you like?' }).waitFor()
  await page.getByRole('link', { name: 'Orders' }).click()
  await page.getByRole('button', { name: 'Paid 1,000 of 1,000' }).waitFor({ timeout: 90_000 })
  await page.getByRole('button', { name: 'Driver assigned 1,000' }).waitFor({ timeout: 60_000 })

  const listFrames = await frameIntervals(page)
  context.diagnostic(
    `the list of 1000 orders rendered ${listFrames.length} frames while they changed; 99 % within ${quantile(listFrames, 0.99)} ms, maximum ${quantile(listFrames, 1)} ms`,
  )

  const { payments } = await graphql<{ payments: { aggregate: { count: number } } }>(
    `
      query ($user: String!) {
        payments: payments_aggregate(
          where: { status: { _eq: "succeeded" }, order: { user_id: { _eq: $user } } }
        ) {
          aggregate {
            count
          }
        }
      }
    `,
    { user },
  )
  assert.equal(payments.aggregate.count, 1000)

  // The dashboard stayed open and responsive.
  await until('the dashboard has counted all orders', async () => {
    const now = await count(dashboard)
    return COUNTERS.every((name) => now[name] >= before[name] + 1000)
  })
  const dashboardFrames = await frameIntervals(dashboard)
  context.diagnostic(
    `the dashboard rendered ${dashboardFrames.length} frames; 99 % within ${quantile(dashboardFrames, 0.99)} ms, maximum ${quantile(dashboardFrames, 1)} ms`,
  )
  assert.ok(
    quantile(dashboardFrames, 0.95) <= 100,
    `95 % of the dashboard’s frames within ${quantile(dashboardFrames, 0.95)} ms`,
  )
  await dashboard.getByRole('link', { name: 'Work' }).click()
  await dashboard.getByRole('button', { name: 'Mark the first 25 as picked up' }).waitFor()
  // Back returns to the filter and the position in the list.
  await page.getByRole('button', { name: 'Driver assigned 1,000' }).click()
  await page.mouse.move(600, 500)
  await page.mouse.wheel(0, 20_000)
  await page.waitForFunction(() => window.scrollY > 19_000)
  await page.evaluate(() => {
    const links = [...document.querySelectorAll<HTMLElement>('[aria-posinset] a')]
    links.find((link) => link.getBoundingClientRect().top > 200)?.click()
  })
  await page.getByText('Driver assigned').first().waitFor()
  assert.equal(await page.evaluate(() => window.scrollY), 0)
  assert.equal(
    await page.getByRole('link', { name: 'Orders', exact: true }).getAttribute('aria-current'),
    'true',
  )
  await page.goBack()
  await page.waitForFunction(() => window.scrollY > 19_000)
  assert.equal(
    await page.getByRole('button', { name: 'Driver assigned 1,000' }).getAttribute('aria-pressed'),
    'true',
  )
  await close(page, dashboard)
})

test('"Pay all" shows the number of declined payments and the reason', async () => {
  const user = customer('all-declined')
  const page = await open('order_app', { user, path: '/restaurants/1' })
  await page.getByRole('button', { name: 'Add pizza' }).click()
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByRole('button', { name: 'Pay $5.00' }).waitFor()
  await page.getByRole('link', { name: 'All orders' }).click()
  await page.getByRole('button', { name: 'Pay all' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pay 1 order · $5.00' })
  assert.ok(await dialog.getByRole('button', { name: 'Pay $5.00' }).isDisabled())
  await dialog.getByRole('button', { name: /Expired/ }).click()
  await dialog.getByRole('button', { name: 'Pay $5.00' }).click()
  await page.getByText('0 of 1 paid').waitFor()
  await page.getByText('1 order: The card has expired. Please use another card.').waitFor()
  await until('the declined payment is stored', async () => {
    const { payments } = await graphql<{ payments: { status: string }[] }>(
      'query ($user: String!) { payments(where: {order: {user_id: {_eq: $user}}}) { status } }',
      { user },
    )
    return payments.length === 1 && payments[0]?.status === 'declined'
  })
  await close(page)
})
