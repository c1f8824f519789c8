// Each page of the order app, at phone and desktop width in both colour schemes: axe and screenshots.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { driverOf, openAlways, openLater, sql } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { named } from './harness/customers.ts'
import { fillDemoCard } from './harness/payment.ts'
import { checkVisually } from './harness/visual.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'
import { moveDriver } from './harness/drivers.ts'

test('every page of the order app is accessible and fits the viewport', async () => {
  const user = named('alice')
  const login = await open('order_app')
  await login.getByLabel('Username').waitFor()
  await checkVisually(login, 'order-login')
  await close(login)

  const home = await open('order_app', { user })
  await home.getByRole('link', { name: 'Casa Cura', exact: true }).waitFor()
  await checkVisually(home, 'order-restaurants')
  await home.getByLabel('Search restaurants and dishes').fill('pizz')
  await home.getByRole('link', { name: 'pizza · $5.00' }).first().waitFor()
  await checkVisually(home, 'order-search')
  await home.getByLabel('Search restaurants and dishes').fill('no such dish')
  await home.getByText('No restaurants or dishes match “no such dish”').waitFor()
  await checkVisually(home, 'order-search-empty')
  await home.goto(new URL('/restaurants/3', home.url()).href)
  await home.getByText('Night Owl is closed').waitFor()
  const add = home.getByRole('button', { name: 'Add onion soup' })
  await add.waitFor()
  assert.ok(await add.isDisabled())
  await home.getByText('The restaurant is closed. You can add dishes when it opens.').waitFor()
  await checkVisually(home, 'order-closed')
  await openLater(5)
  try {
    await home.goto(new URL('/restaurants/5', home.url()).href)
    await home.getByText(/^Opens .+ You can add dishes then\.$/).waitFor()
    await checkVisually(home, 'order-opens-later')
    await home.goto(new URL('/', home.url()).href)
    await home.locator('[data-restaurant="5"][data-closed]').waitFor()
    await checkVisually(home, 'order-restaurants-opening')
    await home.goto(new URL('/restaurants/5', home.url()).href)
    await home.locator('summary').click()
    await sql(`UPDATE restaurants SET paused_until = now() + interval '20 minutes' WHERE id = 2`)
    await checkVisually(home, 'order-hours')
    await home.goto(new URL('/restaurants/2', home.url()).href)
    await home.getByText('Casa Cura takes no new orders at the moment').waitFor()
    await checkVisually(home, 'order-paused')
  } finally {
    await sql('UPDATE restaurants SET paused_until = NULL')
    await openAlways(5)
  }
  await close(home)

  const menu = await open('order_app', { user, path: '/restaurants/1' })
  await menu.getByRole('button', { name: 'Add pizza' }).click()
  await menu.getByRole('button', { name: 'Add burger' }).click()
  await checkVisually(menu, 'order-menu')
  // The bar of the cart is above the navigation, wherever the button that places the order is not visible.
  const bar = menu.getByRole('link', { name: /^Your order · 2 items/ })
  for (const [width, height] of [
    [320, 640],
    [375, 812],
    [390, 844],
    [412, 915],
    [430, 932],
    [844, 390],
  ] as const) {
    await menu.setViewportSize({ width, height })
    await menu.evaluate(() => window.scrollTo(0, 0))
    await bar.waitFor()
    const box = await bar.boundingBox()
    const nav = await menu.getByRole('navigation', { name: 'Main' }).boundingBox()
    assert.ok(box && nav)
    // In wide windows the navigation is at the top.
    const free = nav.y > height / 2 ? nav.y : height
    assert.ok(box.y + box.height <= free, `${width} × ${height}: the bar ends at ${box.y + box.height}`)
  }
  await bar.click()
  await bar.waitFor({ state: 'detached' })
  await close(menu)

  const empty = await open('order_app', { user: named('newcomer'), path: '/orders' })
  await empty.getByText('No orders yet').waitFor()
  await checkVisually(empty, 'order-list-empty')
  await close(empty)

  // One order at each stage.
  const delivered = await place(user, { items: [{ item: 'burger', quantity: 2 }] })
  const refused = await place(user, { items: [{ item: 'truffle risotto', quantity: 1 }] })
  const waiting = await place(user, { items: [{ item: 'tiramisu', quantity: 3 }], restaurant: 2 })
  const rejected = await place(user, { items: [{ item: 'lasagne', quantity: 1 }], restaurant: 2 })
  const assigned = await place(user, { items: [{ item: 'mangoes', quantity: 1 }] })
  const ready = await place(user, {
    items: [
      { item: 'pizza', quantity: 2 },
      { item: 'chocolate milkshake', quantity: 1 },
    ],
  })
  for (const id of [delivered, waiting, rejected, assigned, ready]) await reach(id, 'validated')
  await reach(refused, 'refused')
  await sql(`UPDATE orders SET note = 'The bell does not work; please call.' WHERE order_id = '${waiting}'`)
  await pay(delivered, 1300)
  await pay(waiting, 1560)
  await pay(rejected, 980)
  await pay(assigned, 350)
  await reach(delivered, 'assigned')
  await reach(assigned, 'assigned')
  await reach(rejected, 'paid')
  await graphql(
    'mutation ($id: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: {rejected: true, close_reason: "We have run out of pasta."}) { status } }',
    { id: rejected },
  )
  await moveDriver(await driverOf(assigned), { x: 12, y: 40 })
  await graphql(
    'mutation ($id: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: {food_picked: true, delivered: true}) { status } }',
    { id: delivered },
  )

  const again = await open('order_app', { user, path: '/restaurants/1' })
  await again.getByRole('button', { name: 'Add pizza' }).click()
  await again.getByLabel('Note for the restaurant').fill('No onions, please')
  await again.getByRole('group', { name: 'Recent addresses' }).waitFor()
  await checkVisually(again, 'order-cart')
  await close(again)

  const account = await open('order_app', { user, path: '/account' })
  await account.getByRole('list', { name: 'Latest orders' }).getByRole('link').first().waitFor()
  await checkVisually(account, 'order-account')
  await close(account)

  const list = await open('order_app', { user, path: '/orders' })
  await list.getByRole('button', { name: /^Delivered \d/ }).waitFor()
  await checkVisually(list, 'order-list')
  await list.getByRole('button', { name: 'Pay all' }).click()
  await list.getByRole('button', { name: /Valid card/ }).waitFor()
  await checkVisually(list, 'order-pay-all')
  await close(list)

  for (const [name, id, text] of [
    ['order-to-pay', ready, 'Payment'],
    ['order-refused', refused, 'Your order was refused'],
    ['order-waiting', waiting, 'Waiting for the restaurant'],
    ['order-rejected', rejected, 'Refund'],
    ['order-tracked', assigned, 'Where your order is'],
    ['order-delivered', delivered, 'Enjoy your meal!'],
  ] as const) {
    const page = await open('order_app', { user, path: `/orders/${id}` })
    await page.getByText(text, { exact: true }).first().waitFor()
    if (name === 'order-to-pay') {
      await fillDemoCard(page, /Insufficient funds/)
      await page.getByRole('button', { name: /^Pay \$/ }).click()
      await page.getByText('Card declined').waitFor()
    }
    await checkVisually(page, name)
    await close(page)
  }
})
