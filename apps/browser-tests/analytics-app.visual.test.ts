// Each page of the dashboard, at phone and desktop width in both colour schemes: axe and screenshots.
import { test } from 'node:test'

import { driverOf, setAutoAccept, setAvailable, sql } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { named } from './harness/customers.ts'
import { graphql, pay, place, reach, until } from './harness/stack.ts'
import { checkVisually } from './harness/visual.ts'

test('every page of the dashboard is accessible and fits the viewport', async (t) => {
  // At least one order in each list.
  const ids = await Promise.all(
    (
      [
        [1, 'pizza', 'mangoes'],
        [1, 'burger', 'mangoes'],
        [1, 'idli', 'mangoes'],
        [2, 'pizza', 'tiramisu'],
        [2, 'burger', 'tiramisu'],
      ] as const
    ).map(([restaurant, dish, dessert], n) =>
      place(named(['dana', 'bob', 'carla'][n % 3] ?? ''), {
        restaurant,
        items: [
          { item: dish, quantity: 1 + (n % 2) },
          { item: dessert, quantity: 1 },
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

  await sql(
    `UPDATE orders SET note = 'The bell does not work; please call.' WHERE order_id = '${ids[3] ?? ''}'`,
  )

  // A failed event.
  const failed = await place(named('given-up'))
  await reach(failed, 'validated')
  const event = `trigger_name = 'validate-order' AND payload #>> '{data,new,order_id}' = '${failed}'`
  t.after(() => sql(`UPDATE hdb_catalog.event_log SET delivered = true, error = false WHERE ${event}`))
  await until('the event is given up', async () => {
    const given = await sql(
      `UPDATE hdb_catalog.event_log SET delivered = false, error = true, tries = 9 WHERE delivered AND ${event} RETURNING id`,
    )
    return given.length === 1
  })
  // An event that is delivered again.
  const repeated = await place(named('given-up'))
  await reach(repeated, 'validated')
  const waiting = `trigger_name = 'validate-order' AND payload #>> '{data,new,order_id}' = '${repeated}'`
  t.after(() => sql(`UPDATE hdb_catalog.event_log SET delivered = true WHERE ${waiting}`))
  await until('the event waits for another attempt', async () => {
    const rows = await sql(
      `UPDATE hdb_catalog.event_log SET delivered = false, tries = 3, next_retry_at = now() AT TIME ZONE 'UTC' + interval '1 hour'
       WHERE delivered AND ${waiting} RETURNING id`,
    )
    return rows.length === 1
  })

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
    if (path === '/stuck')
      await page.getByRole('heading', { name: 'Events that are delivered again' }).waitFor()
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

  const menu = await open('analytics_app', { path: '/availability/2' })
  await menu.locator('[data-dish="tiramisu"]').waitFor()
  await checkVisually(menu, 'dashboard-menu')
  await close(menu)

  const signIn = await open('analytics_app', { signedIn: false })
  await signIn.getByLabel('Username').waitFor()
  await checkVisually(signIn, 'staff-sign-in')
  await close(signIn)
  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  const newOrder = restaurant.getByRole('list', { name: 'New orders' }).getByRole('listitem').first()
  await newOrder.waitFor()
  await checkVisually(restaurant, 'staff-restaurant')
  await newOrder.getByRole('button', { name: /^Reject/ }).click()
  await checkVisually(restaurant, 'staff-reject')
  await restaurant.keyboard.press('Escape')
  await restaurant.getByRole('button', { name: 'Pause orders' }).click()
  await checkVisually(restaurant, 'staff-pause')
  await restaurant.keyboard.press('Escape')
  await restaurant.getByRole('link', { name: 'Menu' }).click()
  await restaurant.getByRole('button', { name: 'New dish' }).click()
  await checkVisually(restaurant, 'staff-new-dish')
  await restaurant.keyboard.press('Escape')
  await checkVisually(restaurant, 'staff-menu')
  await restaurant.getByRole('link', { name: 'Hours' }).click()
  await restaurant.getByRole('button', { name: 'Set hours' }).waitFor()
  await checkVisually(restaurant, 'staff-hours-none')
  await restaurant.getByRole('button', { name: 'Set hours' }).click()
  await restaurant.getByRole('button', { name: 'Add hours on Friday' }).click()
  await restaurant.getByRole('button', { name: 'Remove period 1 of Sunday' }).click()
  await restaurant.getByRole('button', { name: 'Save hours' }).click()
  await restaurant.getByText('Enter both times.').waitFor()
  await checkVisually(restaurant, 'staff-hours')
  await close(restaurant)
  const history = await open('analytics_app', { user: `driver-${await driverOf(first)}`, path: '/today' })
  await history.locator(`[data-order="${first}"]`).waitFor()
  await checkVisually(history, 'staff-today')
  await close(history)
  // A driver with an offer, an order to pick up and a position.
  const driverId = await driverOf(third)
  await setAutoAccept([driverId], false)
  await setAvailable([driverId])
  try {
    const offered = await place(named('offered'))
    await reach(offered, 'validated')
    await pay(offered)
    const driver = await open('analytics_app', { user: `driver-${driverId}` })
    await driver.locator(`[data-order="${third}"]`).waitFor()
    await driver.locator(`[data-order="${offered}"]`).waitFor()
    await driver.getByRole('switch', { name: 'Share my position' }).press('Space')
    await driver.getByRole('button', { name: /^At / }).first().click()
    await driver.getByText(/^Updated/).waitFor()
    await checkVisually(driver, 'staff-driver')
    await close(driver)
  } finally {
    await setAutoAccept([driverId], true)
    await setAvailable()
  }
})
