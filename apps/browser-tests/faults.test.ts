// Services of the backend stop and restart while pages are open.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { fillDemoCard } from './harness/payment.ts'
import { canInjectFaults, graphql, injectFault, pay, place, reach } from './harness/stack.ts'

const options = { skip: canInjectFaults ? false : 'no fault injection: run with cargo xtask test' }

test(
  'an engine crash shows a banner, and pages are up to date after the restart without duplicates',
  options,
  async () => {
    const user = customer('engine-crash')
    const id = await place(user)
    await reach(id, 'validated')
    const order = await open('order_app', { user, path: `/orders/${id}` })
    const list = await open('order_app', { user, path: '/orders' })
    const dashboard = await open('analytics_app')
    const pages = [order, list, dashboard]
    await order.getByRole('button', { name: 'Pay $5.00' }).waitFor()
    await list.getByRole('button', { name: 'All 1' }).waitFor()

    await injectFault('engine kill')
    for (const page of pages) await page.getByText('Connection lost. Reconnecting…').waitFor()
    // Content stays visible.
    assert.ok(await order.getByText('Order checked').isVisible())
    // The payment does not need the engine; the page does not receive the change yet.
    assert.equal(await pay(id), 200)

    await injectFault('engine start')
    for (const page of pages) {
      await page.getByText('Connection lost. Reconnecting…').waitFor({ state: 'detached' })
    }
    await order.locator('[data-step="assigned"][data-state="done"]').waitFor()
    await list.getByRole('button', { name: 'Driver assigned 1' }).waitFor()
    const entries = await order.locator('[data-history-id] > :first-child').allTextContents()
    assert.deepEqual(entries, [
      'Order placed',
      'Order checked',
      'Payment accepted',
      'Restaurant approved',
      'Driver assigned',
    ])
    assert.equal(await list.locator(`[data-order="${id}"]`).count(), 1)
    // The dashboard is up to date too, and shows each order once.
    await dashboard.locator(`[data-order="${id}"]`).getByText('Driver assigned').waitFor()
    assert.equal(await dashboard.locator(`[data-order="${id}"]`).count(), 1)
    const second = await place(user)
    await list.locator(`[data-order="${second}"]`).waitFor()
    await list.getByRole('button', { name: 'All 2' }).waitFor()
    await close(...pages)
  },
)

test('an order placed while the engine is down is placed once after a retry', options, async () => {
  const user = customer('retry-order')
  const page = await open('order_app', { user, path: '/restaurants/1' })
  await page.getByRole('button', { name: 'Add pizza' }).click()
  // A graceful shutdown, as during an update.
  await injectFault('engine stop')
  await page.getByText('Connection lost. Reconnecting…').waitFor()
  await page.getByRole('button', { name: 'Place order' }).click()
  await page.getByText(/We could not confirm your order/).waitFor()
  await injectFault('engine start')
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
  'a payment while the functions are down shows a message and is charged once after a retry',
  options,
  async () => {
    const user = customer('retry-payment')
    const id = await place(user)
    await reach(id, 'validated')
    const page = await open('order_app', { user, path: `/orders/${id}` })
    await fillDemoCard(page)

    await injectFault('functions stop')
    await page.getByRole('button', { name: 'Pay $5.00' }).click()
    const alert = page.getByRole('alert')
    await alert.getByText(/Please try again; you will not be charged twice/).waitFor()

    await injectFault('functions start')
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
