// A thousand orders at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { COUNTERS, count } from './harness/dashboard.ts'
import { pauses, quantile, watchFrames } from './harness/frames.ts'
import { graphql, until } from './harness/stack.ts'

test('"Order 1000 times", then "Pay all": every order gets its driver, and the apps still answer', async (context) => {
  const user = 'crowd'
  const dashboard = await open('analytics_app')
  const before = await count(dashboard)
  await watchFrames(dashboard)
  const page = await open('order_app', { user })
  await page.getByRole('button', { name: 'Add pizza' }).click()
  await page.getByRole('button', { name: 'Order 1000 times' }).click()
  await page.getByText(/1000 orders placed in/).waitFor({ timeout: 60_000 })
  await page.getByRole('link', { name: 'Watch them' }).click()
  await page.getByRole('button', { name: 'All 1000' }).waitFor()
  await page.getByRole('button', { name: 'Ready to pay 1000' }).waitFor({ timeout: 60_000 })

  // Only what is in sight is in the page, wherever that is.
  const rows = page.getByRole('list', { name: 'Orders, newest first' }).getByRole('listitem')
  assert.ok((await rows.count()) < 50, `${await rows.count()} rows`)
  await page.mouse.move(600, 500)
  await page.mouse.wheel(0, 200_000)
  await page.locator('[aria-posinset="1000"]').waitFor()
  assert.ok((await rows.count()) < 50, `${await rows.count()} rows`)
  await page.mouse.wheel(0, -200_000)
  await page.locator('[aria-posinset="1"]').waitFor()

  await watchFrames(page)
  await page.getByRole('button', { name: 'Pay all' }).click()
  await page.getByRole('button', { name: /Good card/ }).click()
  await page.getByText('1000 of 1000 paid').waitFor({ timeout: 90_000 })
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Driver assigned 1000' }).waitFor({ timeout: 60_000 })

  const drawn = await pauses(page)
  context.diagnostic(
    `the list of 1000 drew ${drawn.length} frames while they changed; 99 % came within ${quantile(drawn, 0.99)} ms, the slowest after ${quantile(drawn, 1)} ms`,
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

  // The dashboard was there all the time, and drew.
  await until('the dashboard has counted them all', async () => {
    const now = await count(dashboard)
    return COUNTERS.every((name) => now[name] >= before[name] + 1000)
  })
  const gaps = await pauses(dashboard)
  context.diagnostic(
    `the dashboard drew ${gaps.length} frames; 99 % came within ${quantile(gaps, 0.99)} ms, the slowest after ${quantile(gaps, 1)} ms`,
  )
  assert.ok(quantile(gaps, 0.95) <= 100, `95 % of the dashboard’s frames within ${quantile(gaps, 0.95)} ms`)
  await dashboard.getByRole('link', { name: 'Work' }).click()
  await dashboard.getByRole('button', { name: 'Mark the first 25 as picked up' }).waitFor()
  await rows.first().getByRole('link').click()
  await page.getByText('Driver assigned').first().waitFor()
  await close(page, dashboard)
})

test('"Pay all" says what was refused and why', async () => {
  const user = 'all-declined'
  const page = await open('order_app', { user })
  await page.getByRole('button', { name: 'Add pizza' }).click()
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByRole('button', { name: 'Pay $5.00' }).waitFor()
  await page.getByRole('link', { name: 'All orders' }).click()
  await page.getByRole('button', { name: 'Pay all' }).click()
  await page.getByRole('button', { name: /Expired/ }).click()
  await page.getByText('0 of 1 paid').waitFor()
  await page.getByText('1 ×: The card has expired. Please use another card.').waitFor()
  await until('the decline is in the payments', async () => {
    const { payments } = await graphql<{ payments: { status: string }[] }>(
      'query ($user: String!) { payments(where: {order: {user_id: {_eq: $user}}}) { status } }',
      { user },
    )
    return payments.length === 1 && payments[0]?.status === 'declined'
  })
  await close(page)
})
