// Each page of the dashboard, at phone and desktop width in both colour schemes: axe and screenshots.
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'
import { checkVisually } from './harness/visual.ts'

test('every page of the dashboard is accessible and fits the viewport', async () => {
  // At least one order in each list.
  const ids = await Promise.all(
    [1, 1, 1, 2, 2].map((restaurant, n) =>
      place(['alice', 'bob', 'carla'][n % 3] ?? '', {
        restaurant,
        items: [
          { item: ['pizza', 'burger', 'idli'][n % 3] ?? '', quantity: 1 + (n % 2) },
          { item: 'mangoes', quantity: 1 },
        ],
      }),
    ),
  )
  for (const id of ids) {
    await reach(id, 'validated')
    const { order } = await graphql<{ order: { total: number } }>(
      'query ($id: String!) { order: orders_by_pk(order_id: $id) { total } }',
      { id },
    )
    await pay(id, order.total)
  }
  const [first = '', second = '', third = ''] = ids
  for (const id of [first, second, third]) await reach(id, 'assigned')
  const set = (id: string, change: object) =>
    graphql(
      'mutation ($id: String!, $set: orders_set_input!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: $set) { status } }',
      { id, set: change },
    )
  await set(first, { food_picked: true, delivered: true })
  await set(second, { food_picked: true })
  // Makes the two orders that wait for their restaurant delayed.
  await graphql(
    'mutation ($ids: [String!]!, $at: timestamptz!) { update_order_history(where: {order_id: {_in: $ids}}, _set: {at: $at}) { affected_rows } }',
    { ids: ids.slice(3), at: new Date(Date.now() - 75_000).toISOString() },
  )

  const overview = await open('analytics_app')
  await overview.locator('canvas').waitFor()
  await overview.locator(`[data-order="${first}"]`).getByText('Delivered').waitFor()
  await checkVisually(overview, 'dashboard-overview')
  await overview.getByText('Table', { exact: true }).click()
  await overview.getByRole('table', { name: /Orders by stage/ }).waitFor()
  await checkVisually(overview, 'dashboard-overview-table')
  await close(overview)

  for (const [path, name, id] of [
    ['/orders', 'dashboard-orders', third],
    ['/work', 'dashboard-work', third],
    ['/stuck', 'dashboard-stuck', ids[3] ?? ''],
  ] as const) {
    const page = await open('analytics_app', { path })
    await page.locator(`[data-order="${id}"]`).waitFor()
    await checkVisually(page, name)
    await close(page)
  }
  const order = await open('analytics_app', { path: `/orders/${first}` })
  await order.getByText('Delivery: delivered').waitFor()
  await checkVisually(order, 'dashboard-order')
  await close(order)
  const loadTest = await open('analytics_app', { path: '/load-test' })
  await loadTest.getByRole('button', { name: 'Place 1,000 orders' }).waitFor()
  await checkVisually(loadTest, 'dashboard-load-test')
  await close(loadTest)
  const availability = await open('analytics_app', { path: '/availability' })
  await availability.getByRole('switch', { name: 'Available: Ada' }).waitFor()
  await checkVisually(availability, 'dashboard-availability')
  await close(availability)

  const signIn = await open('analytics_app', { signedIn: false })
  await signIn.getByLabel('Username').waitFor()
  await checkVisually(signIn, 'staff-sign-in')
  await close(signIn)
  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  await restaurant.getByRole('list', { name: 'Awaiting approval' }).getByRole('listitem').first().waitFor()
  await checkVisually(restaurant, 'staff-restaurant')
  await close(restaurant)
  const { assignment } = await graphql<{ assignment: { driver_id: number }[] }>(
    'query ($id: String!) { assignment(where: {order_id: {_eq: $id}}) { driver_id } }',
    { id: third },
  )
  const driver = await open('analytics_app', { user: `driver-${assignment[0]?.driver_id ?? 0}` })
  await driver.locator(`[data-order="${third}"]`).waitFor()
  await checkVisually(driver, 'staff-driver')
  await close(driver)
})
