// The order app as its customers use it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { close, open } from './harness/browser.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'

const step = (page: Page, name: string, state: string) =>
  page.locator(`[data-step="${name}"][data-state="${state}"]`).waitFor()
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const orderId = (page: Page) => page.url().split('/').at(-1) ?? ''

test('the whole story: log in, order, see it checked, a declined card, a good one, a driver', async () => {
  const page = await open('order_app')
  await page.getByLabel('Username').fill('story')
  await button(page, 'Continue').click()

  await button(page, 'Add pizza').click()
  await button(page, 'Add burger').click()
  await page.getByRole('group', { name: 'Quantity of pizza' }).getByLabel('One more').click()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$16.50')
  await page.getByLabel('Deliver to').fill('5 Harbour View')
  await button(page, 'Place order').click()

  await step(page, 'validated', 'done')
  await step(page, 'paid', 'current')
  assert.equal(await page.getByTestId('order-total').textContent(), '$16.50')

  await button(page, /No money on it/).click()
  await button(page, 'Pay $16.50').click()
  const alert = page.getByRole('alert')
  await alert.getByText('There is not enough money on the card. Please use another card.').waitFor()
  await page.getByText('Card declined').waitFor()

  await button(page, /Good card/).click()
  await button(page, 'Pay $16.50').click()
  await step(page, 'assigned', 'done')
  await step(page, 'picked_up', 'current')
  await page.getByText('with card ···· 4242').waitFor()
  assert.equal(await button(page, /^Pay/).count(), 0)

  const story = await page.locator('[data-history-id] > :first-child').allTextContents()
  assert.deepEqual(story, [
    'Order placed',
    'Order checked',
    'Card declined',
    'Payment accepted',
    'Restaurant approved',
    'Driver assigned',
  ])
  await page.getByText('attempt 2').waitFor()

  // Remembered, and out in one click.
  await page.reload()
  await step(page, 'assigned', 'done')
  await button(page, 'Log out').click()
  await page.getByLabel('Username').waitFor()
  await page.reload()
  await page.getByLabel('Username').waitFor()
  await close(page)
})

test('an order with something that is sold out is refused, with the reason and what to do', async () => {
  const page = await open('order_app', { user: 'refused' })
  await button(page, 'Add truffle risotto').click()
  await page.getByText('sold out, the order may be refused').waitFor()
  await button(page, 'Place order').click()
  await step(page, 'validated', 'failed')
  const alert = page.getByRole('alert')
  await alert.getByText('The order was refused').waitFor()
  assert.match((await alert.textContent()) ?? '', /truffle risotto.*You have not been charged/)
  assert.equal(await button(page, /^Pay/).count(), 0)
  await alert.getByRole('link', { name: 'Order something else' }).click()
  await page.getByRole('heading', { name: 'What would you like?' }).waitFor()
  await close(page)
})

test('a restaurant that approves by hand: the page says so and goes on by itself; picked up, delivered', async () => {
  const page = await open('order_app', { user: 'by-hand' })
  await button(page, 'Add idli').click()
  await page.getByLabel('Restaurant').selectOption({ label: 'Casa Cura' })
  await button(page, 'Place order').click()
  await button(page, /Good card/).click()
  await button(page, 'Pay $3.00').click()
  await page.getByText('The restaurant decides').waitFor()
  await step(page, 'approved', 'current')

  const update = async (change: object) => {
    await graphql(
      'mutation ($id: String!, $set: orders_set_input!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: $set) { status } }',
      { id: orderId(page), set: change },
    )
  }
  await update({ approved: true })
  await step(page, 'assigned', 'done')
  assert.equal(await page.getByText('The restaurant decides').count(), 0)
  await update({ food_picked: true })
  await step(page, 'picked_up', 'done')
  await update({ delivered: true })
  await step(page, 'delivered', 'done')
  await page.getByText('Enjoy your meal!').waitFor()
  await close(page)
})

test('the menu is live: a dish that is sold out says so at once, also in the cart', async () => {
  const page = await open('order_app', { user: 'menu' })
  await button(page, 'Add mangoes').click()
  const available = (is: boolean) =>
    graphql(
      'mutation ($is: Boolean!) { update_menu_items_by_pk(pk_columns: {name: "mangoes"}, _set: {available: $is}) { name } }',
      { is },
    )
  await available(false)
  try {
    await page
      .getByRole('listitem')
      .filter({ hasText: 'mangoes' })
      .getByText('Sold out', { exact: true })
      .waitFor()
    await page.getByText('sold out, the order may be refused').waitFor()
  } finally {
    await available(true)
  }
  await page.getByText('sold out, the order may be refused').waitFor({ state: 'detached' })
  await close(page)
})

test('orders of others and orders that do not exist', async () => {
  const id = await place('somebody')
  await reach(id, 'validated')
  const page = await open('order_app', { user: 'visitor', path: '/orders' })
  await page.getByText('No orders yet').waitFor()
  await page.goto(new URL('/orders/no-such-order', page.url()).href)
  await page.getByText('There is no such order').waitFor()
  await page.goto(new URL(`/orders/${encodeURIComponent('50% of a/b')}`, page.url()).href)
  await page.getByText('There is no such order').waitFor()
  await page.goto(new URL('/no/such/page', page.url()).href)
  await page.getByRole('heading', { name: 'Page not found' }).waitFor()
  await close(page)
})

test('the list follows each order, and its filter too', async () => {
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
