// The order app, as customers use it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { button, card } from './harness/elements.ts'
import { fillDemoCard } from './harness/payment.ts'
import { MAX_SHIFT, layoutShift, recordShifts } from './harness/shifts.ts'
import { openRestaurant, orderId, step } from './harness/shop.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'

test('the life cycle of an order: login, order, check, declined card, valid card, driver', async () => {
  const page = await open('order_app')
  // Names are lowercase; phones capitalise the first letter.
  await page.getByLabel('Username').fill(customer('first-visit').replace('f', 'F'))
  await page.keyboard.press('Enter')

  await openRestaurant(page)
  await button(page, 'Add pizza').click()
  await button(page, 'Add burger').click()
  await page.getByRole('group', { name: 'Quantity of pizza' }).getByLabel('Add one').click()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$16.50')
  await page.getByLabel('Deliver to').fill('5 Harbour View')
  await button(page, 'Place order').click()

  await step(page, 'validated', 'done')
  await step(page, 'paid', 'current')
  assert.equal(await page.getByTestId('order-total').textContent(), '$16.50')

  await button(page, 'Pay $16.50').click()
  await page.getByText('Enter a valid card number.').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'card_number')
  await page.getByLabel('Card number').fill('4242 4242 4242 4243')
  await page.getByText('This number looks mistyped. Check it, or continue.').waitFor()
  await fillDemoCard(page, /Insufficient funds/)
  await button(page, 'Pay $16.50').click()
  const alert = page.getByRole('alert')
  await alert.getByText(/Please use another card\.$/).waitFor()
  await page.getByText('Card declined').waitFor()

  await fillDemoCard(page)
  await button(page, 'Pay $16.50').press('Enter')
  await step(page, 'assigned', 'done')
  await step(page, 'picked_up', 'current')
  // The form that had the focus is gone.
  const heading = await page.evaluate(() => document.activeElement?.textContent ?? '')
  assert.match(heading, /^[A-Z][a-z]+ is picking up your order$/)
  assert.equal(await page.title(), heading)
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

test('an order with a sold-out dish is refused, with the reason and the basket', async () => {
  const user = customer('refused')
  const id = await place(user, { items: [{ item: 'truffle risotto', quantity: 1 }] })
  const page = await open('order_app', { user, path: `/orders/${id}` })
  await step(page, 'validated', 'failed')
  const alert = page.getByRole('alert')
  await page.getByRole('heading', { name: 'Your order was refused', level: 1 }).waitFor()
  assert.match((await alert.textContent()) ?? '', /truffle risotto.*You have not been charged/)
  assert.equal(await button(page, /^Pay/).count(), 0)
  // The basket is restored; the dish that was refused has to be removed.
  await alert.getByRole('button', { name: 'Change this order' }).click()
  await page.getByRole('heading', { name: 'Trattoria Presto', level: 1 }).waitFor()
  await page.getByText('Sold out: truffle risotto. Remove it to continue.').waitFor()
  assert.ok(await button(page, 'Place order').isDisabled())
  await button(page, 'Remove truffle risotto').click()
  await page.getByText('Your cart is empty').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'cart')
  await close(page)
})

test('an order waits for a restaurant that approves manually, and its page follows it until delivery', async () => {
  const page = await open('order_app', { user: customer('manual-approval'), path: '/restaurants/2' })
  await button(page, 'Add focaccia').click()
  await button(page, 'Place order').click()
  await fillDemoCard(page)
  await button(page, 'Pay $3.50').click()
  const alert = page.getByRole('alert')
  await alert.getByText('The restaurant confirms each order manually.').waitFor()
  await page.getByText(/^Arriving around \d+:\d\d.*, if confirmed soon$/).waitFor()
  await alert.getByText(/^If it does not answer by \d/).waitFor()
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

test('a customer cancels a paid order, which leaves the queue of the restaurant, and gets the payment back', async () => {
  const user = customer('changed-mind')
  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  const id = await place(user, { restaurant: 2 })
  const listed = (list: string) => card(restaurant, list, id)
  await reach(id, 'validated')
  const page = await open('order_app', { user, path: `/orders/${id}` })
  await page.getByText(/^Pay by /).waitFor()
  assert.equal(await pay(id), 200)
  await listed('New orders').waitFor()
  await button(page, 'Cancel this order').click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this order?' })
  await dialog.getByText('Your payment will be returned.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel the order' }).click()
  await page.getByRole('heading', { name: 'You cancelled this order', level: 1 }).waitFor()
  await page.getByText(/^Your payment of \$5\.00 was returned (at|on) /).waitFor()
  assert.equal(await button(page, 'Cancel this order').count(), 0)
  await listed('New orders').waitFor({ state: 'detached' })
  await listed('Recent orders').getByText('Cancelled', { exact: true }).waitFor()
  await close(page, restaurant)
})

test('an order is not placed with a sold-out dish, a changed price or a closed restaurant', async () => {
  const page = await open('order_app', { user: customer('menu'), path: '/restaurants/1' })
  await button(page, 'Add mangoes').click()
  const setAvailable = (available: boolean) =>
    graphql(
      'mutation ($available: Boolean!) { update_menu_items_by_pk(pk_columns: {restaurant_id: 1, name: "mangoes"}, _set: {available: $available}) { name } }',
      { available },
    )
  await setAvailable(false)
  try {
    await page.locator('[data-dish="mangoes"]').getByText('Sold out', { exact: true }).waitFor()
    await page.getByText('Sold out. Remove it to continue.').waitFor()
    assert.ok(await button(page, 'Place order').isDisabled())
  } finally {
    await setAvailable(true)
  }
  await page.getByText('Sold out. Remove it to continue.').waitFor({ state: 'detached' })

  const set = (dish: object, restaurant: object) =>
    graphql(
      `
        mutation ($dish: menu_items_set_input!, $restaurant: restaurants_set_input!) {
          update_menu_items_by_pk(pk_columns: { restaurant_id: 1, name: "mangoes" }, _set: $dish) {
            name
          }
          update_restaurants_by_pk(pk_columns: { id: 1 }, _set: $restaurant) {
            id
          }
        }
      `,
      { dish, restaurant },
    )
  try {
    await set({ price: 375 }, { open: false })
    await page.getByText('The price of mangoes changed from $3.50 to $3.75.').waitFor()
    assert.ok(await button(page, 'Place order').isDisabled())
    await button(page, 'Accept the new price').click()
    assert.equal(await page.getByTestId('cart-total').textContent(), '$3.75')
    await page.getByText('Trattoria Presto is closed. You can order when it opens.').waitFor()
    assert.ok(await button(page, 'Place order').isDisabled())
  } finally {
    await set({ price: 350 }, { open: true })
  }
  await close(page)
})

test('other customers’ orders are not listed, and unknown orders are reported as not found', async () => {
  const id = await place(customer('other'))
  await reach(id, 'validated')
  const page = await open('order_app', { user: customer('visitor'), path: '/orders' })
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
  const user = customer('list')
  const [first, second] = [await place(user), await place(user)]
  await reach(second, 'validated')
  await reach(first, 'validated')
  const page = await open('order_app', { user, path: '/orders' })
  const rows = page.getByRole('list', { name: 'Orders, those in progress first' }).getByRole('listitem')
  await button(page, 'Ready to pay 2').click()
  assert.equal(await rows.count(), 2)
  assert.equal(await rows.first().getAttribute('data-order'), second)
  assert.equal(await pay(first), 200)
  await button(page, 'Driver assigned 1').click()
  await page.locator(`[data-order="${first}"]`).waitFor()
  assert.equal(await rows.count(), 1)
  // Filter and search are in the address, also after Back and a reload.
  await page.getByLabel('Search your orders').fill('pizz')
  await rows.getByRole('link').click()
  await page.getByRole('link', { name: 'Orders', exact: true }).and(page.locator('[aria-current]')).waitFor()
  await page.goBack()
  await button(page, 'Driver assigned 1').and(page.locator('[aria-pressed="true"]')).waitFor()
  await page.reload()
  await page.locator(`[data-order="${first}"]`).waitFor()
  assert.equal(new URL(page.url()).search, '?status=assigned&search=pizz')
  // An order in progress is above those that are done, however old it is.
  await graphql(
    'mutation ($id: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: {food_picked: true, delivered: true}) { status } }',
    { id: first },
  )
  const last = await place(user, { items: [{ item: 'truffle risotto', quantity: 1 }] })
  await reach(last, 'refused')
  await page.goto(new URL('/orders', page.url()).href)
  await button(page, 'Refused 1').waitFor()
  for (const [index, id, heading] of [
    [0, second, 'In progress'],
    [1, last, 'Today'],
  ] as const) {
    assert.equal(await rows.nth(index).getAttribute('data-order'), id)
    await rows.nth(index).getByRole('heading', { name: heading }).waitFor()
  }
  await close(page)
})

test('the banner appears as soon as the network is lost', async () => {
  const page = await open('order_app', { user: customer('tunnel'), path: '/orders' })
  await page.getByText('No orders yet').waitFor()
  await page.context().setOffline(true)
  await page.getByText('Connection lost. Reconnecting…').waitFor({ timeout: 1_000 })
  await page.context().setOffline(false)
  await page.getByText('Back online. Everything is up to date.').waitFor()
  await close(page)
})

test('the app starts with what it has stored in another form, and moves little while it loads', async () => {
  const user = customer('stored')
  const page = await open('order_app', { user, size: 'phone', path: '/restaurants/1' })
  await button(page, 'Add pizza').waitFor()
  await page.evaluate((user) => {
    for (const name of ['cart', 'address', 'notifications']) {
      localStorage.setItem(`3factor.user.${user}/${name}.1`, '{"id":7}')
    }
  }, user)
  await recordShifts(page)
  await page.goto(new URL('/', page.url()).href)
  await page.getByRole('link', { name: 'Casa Cura' }).waitFor()
  const home = await layoutShift(page)
  assert.ok(home <= MAX_SHIFT, `layout shift of the restaurants ${home}`)
  await page.goto(new URL('/restaurants/1', page.url()).href)
  await button(page, 'Add pizza').click()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$5.00')
  const menu = await layoutShift(page)
  assert.ok(menu <= MAX_SHIFT, `layout shift of the menu ${menu}`)
  await close(page)
})
