// Parts of the backend go away and come back under open pages.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { breakdown, canBreak, graphql, pay, place, reach } from './harness/stack.ts'

const options = { skip: canBreak ? false : 'nobody listens for breakdowns: run by cargo xtask test' }

test(
  'the engine dies and comes back: a banner says so, the pages catch up, nothing is shown twice',
  options,
  async () => {
    const user = 'engine-trouble'
    const id = await place(user)
    await reach(id, 'validated')
    const order = await open('order_app', { user, path: `/orders/${id}` })
    const list = await open('order_app', { user, path: '/orders' })
    const dashboard = await open('analytics_app')
    const pages = [order, list, dashboard]
    await order.getByRole('button', { name: 'Pay $5.00' }).waitFor()
    await list.getByRole('button', { name: 'All 1' }).waitFor()

    await breakdown('engine kill')
    for (const page of pages) await page.getByText('Connection lost. Reconnecting…').waitFor()
    // What was there stays there.
    assert.ok(await order.getByText('Order checked').isVisible())
    // Paying needs no engine; the page cannot know of it yet.
    assert.equal(await pay(id), 200)

    await breakdown('engine start')
    for (const page of pages) {
      await page.getByText('Connection lost. Reconnecting…').waitFor({ state: 'detached' })
    }
    await order.locator('[data-step="assigned"][data-state="done"]').waitFor()
    await list.getByRole('button', { name: 'Driver assigned 1' }).waitFor()
    const story = await order.locator('[data-history-id] > :first-child').allTextContents()
    assert.deepEqual(story, [
      'Order placed',
      'Order checked',
      'Payment accepted',
      'Restaurant approved',
      'Driver assigned',
    ])
    assert.equal(
      await list
        .getByRole('listitem')
        .filter({ hasText: id.slice(0, 8) })
        .count(),
      1,
    )
    // The dashboard caught up too, with each order once.
    await dashboard.locator(`[data-order="${id}"]`).getByText('Driver assigned').waitFor()
    assert.equal(await dashboard.locator(`[data-order="${id}"]`).count(), 1)
    const second = await place(user)
    await list
      .getByRole('listitem')
      .filter({ hasText: second.slice(0, 8) })
      .waitFor()
    await list.getByRole('button', { name: 'All 2' }).waitFor()
    await close(...pages)
  },
)

test('the engine is away while an order is placed: the second try is the same order', options, async () => {
  const user = 'placing-trouble'
  const page = await open('order_app', { user })
  await page.getByRole('button', { name: 'Add pizza' }).click()
  // This time it says good-bye, as at an update.
  await breakdown('engine stop')
  await page.getByText('Connection lost. Reconnecting…').waitFor()
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByText(/The server cannot be reached/).waitFor()
  await breakdown('engine start')
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByRole('button', { name: 'Pay $5.00' }).waitFor()
  const { orders } = await graphql<{ orders: object[] }>(
    'query ($user: String!) { orders(where: {user_id: {_eq: $user}}) { order_id } }',
    { user },
  )
  assert.equal(orders.length, 1)
  await close(page)
})

test(
  'the functions are down during a payment: a clear message, and a second try charges once',
  options,
  async () => {
    const user = 'payment-trouble'
    const id = await place(user)
    await reach(id, 'validated')
    const page = await open('order_app', { user, path: `/orders/${id}` })
    await page.getByRole('button', { name: /Good card/ }).click()

    await breakdown('functions stop')
    await page.getByRole('button', { name: 'Pay $5.00' }).click()
    const alert = page.getByRole('alert')
    await alert
      .getByText(/The payment service cannot be reached.*charged once, however often you try/)
      .waitFor()

    await breakdown('functions start')
    await page.getByRole('button', { name: 'Pay $5.00' }).click()
    await page.locator('[data-step="assigned"][data-state="done"]').waitFor()
    assert.equal(await alert.count(), 0)

    const { payments } = await graphql<{ payments: { status: string; amount: number }[] }>(
      'query ($id: String!) { payments(where: {order_id: {_eq: $id}}) { status amount } }',
      { id },
    )
    assert.deepEqual(payments, [{ status: 'succeeded', amount: 500 }])
    await close(page)
  },
)
