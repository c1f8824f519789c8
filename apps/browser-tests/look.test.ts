// Each page of the order app, at phone and desktop width, light and dark: axe, and a screenshot to look at.
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { look } from './harness/look.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'

test('the order app is accessible and fits, on every page', async () => {
  const user = 'alice'
  const login = await open('order_app')
  await login.getByLabel('Username').waitFor()
  await look(login, 'order-login')
  await close(login)

  const menu = await open('order_app', { user })
  await menu.getByRole('button', { name: 'Add pizza' }).click()
  await menu.getByRole('button', { name: 'Add burger' }).click()
  await look(menu, 'order-menu')
  await close(menu)

  const empty = await open('order_app', { user: 'nobody', path: '/orders' })
  await empty.getByText('No orders yet').waitFor()
  await look(empty, 'order-list-empty')
  await close(empty)

  // One order at each stage.
  const delivered = await place(user, { items: [{ item: 'burger', quantity: 2 }] })
  const refused = await place(user, { items: [{ item: 'truffle risotto', quantity: 1 }] })
  const waiting = await place(user, { items: [{ item: 'idli', quantity: 3 }], restaurant: 2 })
  const assigned = await place(user, { items: [{ item: 'mangoes', quantity: 1 }] })
  const ready = await place(user, {
    items: [
      { item: 'pizza', quantity: 2 },
      { item: 'chocolate milkshake', quantity: 1 },
    ],
  })
  for (const id of [delivered, waiting, assigned, ready]) await reach(id, 'validated')
  await reach(refused, 'refused')
  await pay(delivered, 1300)
  await pay(waiting, 900)
  await pay(assigned, 350)
  await reach(delivered, 'assigned')
  await reach(assigned, 'assigned')
  await graphql(
    'mutation ($id: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: {food_picked: true, delivered: true}) { status } }',
    { id: delivered },
  )

  const list = await open('order_app', { user, path: '/orders' })
  await list.getByRole('button', { name: /^Delivered \d/ }).waitFor()
  await look(list, 'order-list')
  await list.getByRole('button', { name: 'Pay all' }).click()
  await list.getByRole('button', { name: /Good card/ }).waitFor()
  await look(list, 'order-pay-all')
  await close(list)

  for (const [name, id, ready_] of [
    ['order-to-pay', ready, 'Payment'],
    ['order-refused', refused, 'The order was refused'],
    ['order-waiting', waiting, 'The restaurant decides'],
    ['order-delivered', delivered, 'Enjoy your meal!'],
  ] as const) {
    const page = await open('order_app', { user, path: `/orders/${id}` })
    await page.getByText(ready_, { exact: true }).first().waitFor()
    if (name === 'order-to-pay') {
      await page.getByRole('button', { name: /No money on it/ }).click()
      await page.getByRole('button', { name: /^Pay \$/ }).click()
      await page.getByText('Card declined').waitFor()
    }
    await look(page, name)
    await close(page)
  }
})
