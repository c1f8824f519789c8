// The order app, as customers use it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { close, open } from './harness/browser.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'

const step = (page: Page, name: string, state: string) =>
  page.locator(`[data-step="${name}"][data-state="${state}"]`).waitFor()
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const orderId = (page: Page) => page.url().split('/').at(-1) ?? ''

test('the life cycle of an order: login, order, check, declined card, valid card, driver', async () => {
  const page = await open('order_app')
  // Names are lowercase; phones capitalise the first letter.
  await page.getByLabel('Username').fill('Customer')
  await page.keyboard.press('Enter')

  await button(page, 'Add pizza').click()
  await button(page, 'Add burger').click()
  await page.getByRole('group', { name: 'Quantity of pizza' }).getByLabel('Add one').click()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$16.50')
  await page.getByLabel('Deliver to').fill('5 Harbour View')
  await button(page, 'Place order').click()

  await step(page, 'validated', 'done')
  await step(page, 'paid', 'current')
  assert.equal(await page.getByTestId('order-total').textContent(), '$16.50')

  await button(page, /Insufficient funds/).click()
  await button(page, 'Pay $16.50').click()
  const alert = page.getByRole('alert')
  await alert.getByText(/Please use another card\.$/).waitFor()
  await page.getByText('Card declined').waitFor()

  await button(page, /Valid card/).click()
  await button(page, 'Pay $16.50').click()
  await step(page, 'assigned', 'done')
  await step(page, 'picked_up', 'current')
  await page.getByText('Card ending in 4242').waitFor()
  assert.equal(await button(page, /^Pay/).count(), 0)

  const entries = await page.locator('[data-history-id] > :first-child').allTextContents()
  assert.deepEqual(entries, [
    'Order placed',
    'Order checked',
    'Card declined',
    'Payment accepted',
    'Restaurant approved',
    'Driver assigned',
  ])

  // The session is stored until sign-out, which also leaves the page of the order.
  await page.reload()
  await step(page, 'assigned', 'done')
  await button(page, 'Sign out').click()
  await page.getByLabel('Username').waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
  await page.reload()
  await page.getByLabel('Username').waitFor()
  await close(page)
})

test('an order with a sold-out dish is refused, with the reason and a link to the menu', async () => {
  const user = 'refused'
  const id = await place(user, { items: [{ item: 'truffle risotto', quantity: 1 }] })
  const page = await open('order_app', { user, path: `/orders/${id}` })
  await step(page, 'validated', 'failed')
  const alert = page.getByRole('alert')
  await alert.getByText('Your order was refused').waitFor()
  assert.match((await alert.textContent()) ?? '', /truffle risotto.*You have not been charged/)
  assert.equal(await button(page, /^Pay/).count(), 0)
  await alert.getByRole('link', { name: 'Order something else' }).click()
  await page.getByRole('heading', { name: 'What would you like?' }).waitFor()
  await close(page)
})

test('an order waits for a restaurant that approves manually, and its page follows it until delivery', async () => {
  const page = await open('order_app', { user: 'manual-approval' })
  await button(page, 'Add idli').click()
  await page.getByLabel('Restaurant').selectOption({ label: 'Casa Cura' })
  await button(page, 'Place order').click()
  await button(page, /Valid card/).click()
  await button(page, 'Pay $3.00').click()
  const alert = page.getByRole('alert')
  await alert.getByText('Waiting for the restaurant').waitFor()
  await step(page, 'approved', 'current')

  const update = async (change: object) => {
    await graphql(
      'mutation ($id: String!, $set: orders_set_input!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: $set) { status } }',
      { id: orderId(page), set: change },
    )
  }
  await update({ approved: true })
  await step(page, 'assigned', 'done')
  assert.equal(await alert.count(), 0)
  await update({ food_picked: true })
  await step(page, 'picked_up', 'done')
  await update({ delivered: true })
  await step(page, 'delivered', 'done')
  await page.getByText('Enjoy your meal!').waitFor()
  await close(page)
})

test('a dish that is sold out is marked in the menu and the cart, and the order cannot be placed', async () => {
  const page = await open('order_app', { user: 'menu' })
  await button(page, 'Add mangoes').click()
  const setAvailable = (available: boolean) =>
    graphql(
      'mutation ($available: Boolean!) { update_menu_items_by_pk(pk_columns: {name: "mangoes"}, _set: {available: $available}) { name } }',
      { available },
    )
  await setAvailable(false)
  try {
    await page
      .getByRole('listitem')
      .filter({ hasText: 'mangoes' })
      .getByText('Sold out', { exact: true })
      .waitFor()
    await page.getByText('Sold out. Remove it to continue.').waitFor()
    assert.ok(await button(page, 'Place order').isDisabled())
  } finally {
    await setAvailable(true)
  }
  await page.getByText('Sold out. Remove it to continue.').waitFor({ state: 'detached' })
  await close(page)
})

test('other customers’ orders are not listed, and unknown orders are reported as not found', async () => {
  const id = await place('other')
  await reach(id, 'validated')
  const page = await open('order_app', { user: 'visitor', path: '/orders' })
  await page.getByText('No orders yet').waitFor()
  await page.goto(new URL(`/orders/${id}`, page.url()).href)
  await page.getByText('Order not found').waitFor()
  await page.goto(new URL('/orders/no-such-order', page.url()).href)
  await page.getByText('Order not found').waitFor()
  await page.goto(new URL(`/orders/${encodeURIComponent('50% of a/b')}`, page.url()).href)
  await page.getByText('Order not found').waitFor()
  await page.goto(new URL('/no/such/page', page.url()).href)
  await page.getByRole('heading', { name: 'Page not found' }).waitFor()
  await close(page)
})

test('the list and its filter follow every change of an order', async () => {
  const user = 'list'
  const [first, second] = [await place(user), await place(user)]
  await reach(second, 'validated')
  await reach(first, 'validated')
  const page = await open('order_app', { user, path: '/orders' })
  const rows = page.getByRole('list', { name: 'Orders, newest first' }).getByRole('listitem')
  await button(page, 'Ready to pay 2').click()
  assert.equal(await rows.count(), 2)
  assert.match((await rows.first().textContent()) ?? '', new RegExp(second.slice(0, 8)))
  assert.equal(await pay(first), 200)
  await button(page, 'Driver assigned 1').click()
  await rows.filter({ hasText: first.slice(0, 8) }).waitFor()
  assert.equal(await rows.count(), 1)
  await close(page)
})
