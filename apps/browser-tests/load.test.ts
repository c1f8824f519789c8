// A thousand orders at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { graphql, until } from './harness/stack.ts'

test('"Order 1000 times", then "Pay all": every order gets its driver, and the apps still answer', async () => {
  const user = 'crowd'
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

  await page.getByRole('button', { name: 'Pay all' }).click()
  await page.getByRole('button', { name: /Good card/ }).click()
  await page.getByText('1000 of 1000 paid').waitFor({ timeout: 90_000 })
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Driver assigned 1000' }).waitFor({ timeout: 60_000 })

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

  const dashboard = await open('analytics_app')
  await dashboard.getByRole('heading', { level: 1 }).waitFor()
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
