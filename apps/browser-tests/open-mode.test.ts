// The apps with a backend without identities, `cargo xtask dev --open`.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { takeStep } from './harness/dashboard.ts'
import { fillDemoCard } from './harness/payment.ts'
import { openRestaurant } from './harness/shop.ts'
import { addresses, pay, place, reach } from './harness/stack.ts'

const options = { skip: addresses.admin_secret_file === null ? false : 'the stack is secured' }

test('customers, restaurants and drivers do their work without tokens', options, async () => {
  const user = customer('alice')
  const shop = await open('order_app')
  await shop.getByLabel('Username').fill(user)
  await shop.getByRole('button', { name: 'Continue' }).click()
  await openRestaurant(shop, 'Casa Cura')
  await shop.getByRole('button', { name: 'Add pizza' }).click()
  await shop.getByRole('button', { name: 'Place order' }).click()
  await fillDemoCard(shop)
  await shop.getByRole('button', { name: 'Pay $5.00' }).click()
  await shop.getByText('Waiting for the restaurant').first().waitFor()
  const id = shop.url().split('/').at(-1) ?? ''

  // Orders of others are not shown, although the backend would return them.
  const foreign = await place(customer('bob'), { restaurant: 1 })
  await reach(foreign, 'validated')
  assert.equal(await pay(foreign), 200)
  const page = await open('order_app', { user, path: `/orders/${foreign}` })
  await page.getByText('Order not found').waitFor()
  const presto = await open('analytics_app', { user: 'restaurant-1' })
  await presto.locator(`[data-order="${foreign}"]`).waitFor()
  assert.equal(await presto.locator(`[data-order="${id}"]`).count(), 0)

  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  await takeStep(restaurant.locator(`[data-order="${id}"]`).getByRole('button', { name: /^Accept/ }))
  await reach(id, 'assigned')
  const manager = await open('analytics_app', { path: '/work' })
  await takeStep(manager.locator(`[data-order="${id}"]`).getByRole('button', { name: /picked up/ }))
  await reach(id, 'picked_up')
  await shop.locator('[data-step="picked_up"][data-state="done"]').waitFor()
  await close(shop, page, presto, restaurant, manager)
})
