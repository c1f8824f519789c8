// The work of restaurants, drivers and managers, with several roles at the same time.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import {
  driverOf,
  finishDeliveries,
  openAlways,
  passDeadline,
  setAutoAccept,
  setAvailable,
  sql,
} from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { takeStep } from './harness/dashboard.ts'
import { graphql, ordered, place, reach, statusOf, until } from './harness/stack.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const card = (page: Page, list: string, id: string) =>
  page.getByRole('list', { name: list }).locator(`[data-order="${id}"]`)
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent)

/** Waits until the payment of an order is returned, once. */
async function refunded(id: string): Promise<void> {
  await until(`order ${id} is refunded`, async () => {
    const { refunds } = await graphql<{ refunds: { amount: number; status: string }[] }>(
      'query ($id: String!) { refunds(where: {order_id: {_eq: $id}}) { amount status } }',
      { id },
    )
    assert.ok(refunds.length <= 1, `${refunds.length} refunds`)
    return refunds[0]?.status === 'succeeded' && refunds[0].amount === 500
  })
}

async function closeReason(id: string): Promise<string | null> {
  const { order } = await graphql<{ order: { close_reason: string | null } }>(
    'query ($id: String!) { order: orders_by_pk(order_id: $id) { close_reason } }',
    { id },
  )
  return order.close_reason
}

/** Chooses a reason in the open dialog and confirms it. */
async function giveReason(page: Page, choice: string, details: string, confirm: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: new RegExp(`^${confirm}`) }).click()
  await dialog.getByText('Choose a reason, or write one.').waitFor()
  await dialog.getByLabel(choice).check()
  await dialog.getByLabel(/^Details for the customer/).fill(details)
  await takeStep(dialog.getByRole('button', { name: new RegExp(`^${confirm}`) }))
}

test('a restaurant rejects an order with a reason; the customer gets the money back', async () => {
  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  await restaurant.getByRole('heading', { name: 'Casa Cura' }).waitFor()
  const id = await ordered(customer('unlucky'), 2)
  const waiting = card(restaurant, 'New orders', id)
  await waiting.getByText(/^\d+ min \d+ s left$/).waitFor()
  const manager = await open('analytics_app', { path: `/orders/${id}` })
  await manager.getByText('Payment: paid').waitFor()

  // Cancelled: the dialog returns the focus, and nothing changes.
  await waiting.getByRole('button', { name: /^Reject/ }).click()
  await restaurant.keyboard.press('Escape')
  assert.equal(await focused(restaurant), 'Reject')
  await waiting.getByRole('button', { name: /^Reject/ }).click()
  await giveReason(restaurant, 'Out of stock', 'no mangoes', 'Reject')
  await waiting.waitFor({ state: 'detached' })
  await reach(id, 'rejected')
  await refunded(id)

  await card(restaurant, 'Recent orders', id).getByText('Out of stock: no mangoes').waitFor()
  await manager.getByText('Out of stock: no mangoes').waitFor()
  await manager
    .getByText(/^\$5\.00 succeeded/)
    .nth(1)
    .waitFor()
  await close(restaurant, manager)
})

test('an answer can be undone, and signing out sends it first', async () => {
  const page = await open('analytics_app', { user: 'restaurant-2' })
  const id = await ordered(customer('quick'), 2)
  const waiting = card(page, 'New orders', id)
  await waiting.getByRole('button', { name: /^Reject/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Too busy').check()
  await page.clock.install()
  await dialog.getByRole('button', { name: /^Reject/ }).click()
  await waiting.getByRole('button', { name: /^Undo/ }).click()
  assert.equal(await focused(page), 'Accept')
  await page.clock.fastForward(5_000)
  assert.equal(await statusOf(id), 'paid')

  await waiting.getByRole('button', { name: /^Accept/ }).click()
  await waiting.getByRole('button', { name: /^Undo/ }).waitFor()
  await button(page, 'Sign out').click()
  await page.getByRole('heading', { name: 'Presto for staff' }).waitFor()
  await reach(id, 'assigned')
  await close(page)
})

test('the orders that are counted in the title are listed on a page that is opened later', async () => {
  const page = await open('analytics_app', { user: 'restaurant-2', path: '/menu' })
  const id = await ordered(customer('counted'), 2)
  await until('the title has the number', async () => (await page.title()).includes('new order'))
  await page.getByRole('navigation').getByRole('link', { name: 'Orders' }).click()
  const waiting = card(page, 'New orders', id)
  await takeStep(waiting.getByRole('button', { name: /^Accept/ }))
  await reach(id, 'assigned')
  await close(page)
})

test('a restaurant that has switched the sound on hears new orders on each of its pages', async () => {
  const page = await open('analytics_app', { user: 'restaurant-2' })
  await page.evaluate(() => {
    const counter = Object.assign(window, { tones: 0 })
    const { start } = AudioScheduledSourceNode.prototype as { start: (when?: number) => void }
    OscillatorNode.prototype.start = function (when) {
      counter.tones += 1
      Reflect.apply(start, this, [when])
    }
  })
  const tones = () => page.evaluate(() => (window as unknown as { tones: number }).tones)
  const sound = page.getByRole('switch', { name: 'Sound for new orders' })
  assert.equal(await sound.isChecked(), false)
  const user = customer('silent')
  const silent = await ordered(user, 2)
  await card(page, 'New orders', silent).waitFor()
  assert.equal(await tones(), 0)
  await sound.press('Space')
  await until('a sample is played', async () => (await tones()) === 2)
  await page.getByRole('link', { name: 'Menu' }).click()
  await page.getByRole('heading', { name: 'Menu', level: 1 }).waitFor()
  await ordered(user, 2)
  await until('the new order is heard', async () => (await tones()) === 4)
  await page.getByRole('link', { name: 'Orders' }).click()
  assert.equal(await sound.isChecked(), true)
  await sound.press('Space')
  await card(page, 'New orders', await ordered(user, 2)).waitFor()
  assert.equal(await tones(), 4)
  await close(page)
})

test('a user stays signed in if a step cannot be sent', async () => {
  const page = await open('analytics_app', { user: 'restaurant-2' })
  const id = await ordered(customer('disconnected'), 2)
  const waiting = card(page, 'New orders', id)
  await waiting.waitFor()
  await page.route('**/v1/graphql', (route) => route.abort())
  await waiting.getByRole('button', { name: /^Accept/ }).click()
  await button(page, 'Sign out').click()
  await waiting.getByRole('alert').getByText('Server unreachable. Please try again.').waitFor()
  await page.unroute('**/v1/graphql')
  await takeStep(waiting.getByRole('button', { name: /^Accept/ }))
  await reach(id, 'assigned')
  await close(page)
})

test('a declined order is offered to the next driver, and a failed delivery is refunded', async () => {
  const drivers = [49, 50]
  await finishDeliveries()
  await setAvailable(drivers)
  await setAutoAccept(drivers, false)
  try {
    const id = await ordered(customer('far-away'), 1)
    const first = await driverOf(id)
    const second = drivers.find((driver) => driver !== first) ?? 0
    const pages = [
      await open('analytics_app', { user: `driver-${first}`, size: 'phone' }),
      await open('analytics_app', { user: `driver-${second}`, size: 'phone' }),
    ] as const
    const offer = card(pages[0], 'Offers', id)
    await offer.getByText(/left$/).waitFor()
    await pages[1].getByText('No offers').waitFor()
    await takeStep(offer.getByRole('button', { name: /^Decline/ }))
    await offer.waitFor({ state: 'detached' })
    assert.equal(await driverOf(id, [first]), second)

    const driver = pages[1]
    await takeStep(card(driver, 'Offers', id).getByRole('button', { name: /^Accept/ }))
    await driver.getByRole('switch', { name: 'Share my position' }).press('Space')
    await button(driver, 'At Trattoria Presto').click()
    await driver.getByText(/^Updated/).waitFor()
    await takeStep(card(driver, 'Ready for pick-up', id).getByRole('button', { name: /^Mark/ }))
    // The stop is the address now; a touch of the map sets any other point.
    await button(driver, 'At 1 Test Street').waitFor()
    const map = driver.getByRole('img', { name: 'Map with 1 stop and your position' })
    const box = await map.boundingBox()
    assert.ok(box)
    // The map shows 108 × 110 units, of which four and six are in front of the city.
    await map.click({ position: { x: (box.width * 29) / 108, y: (box.height * 56) / 110 } })
    await until('the position is stored', async () => {
      const { at } = await graphql<{ at: { x: number; y: number } | null }>(
        'query ($id: Int!) { at: driver_positions_by_pk(driver_id: $id) { x y } }',
        { id: second },
      )
      return at !== null && Math.abs(at.x - 25) < 1 && Math.abs(at.y - 50) < 1
    })
    await card(driver, 'On the way', id)
      .getByRole('button', { name: /^Problem/ })
      .click()
    await giveReason(driver, 'Customer not reachable', 'rang twice', 'Report')
    await card(driver, 'On the way', id).waitFor({ state: 'detached' })
    await reach(id, 'failed')
    assert.equal(await closeReason(id), 'Customer not reachable: rang twice')
    await driver.getByRole('link', { name: 'Today' }).click()
    await card(driver, 'Ended deliveries', id).getByText('Customer not reachable: rang twice').waitFor()
    await refunded(id)
    await close(...pages)
  } finally {
    await setAutoAccept(drivers, true)
    await setAvailable()
  }
})

test('an order without a driver needs attention, and expires with a refund', async () => {
  const user = customer('unassigned')
  const manager = await open('analytics_app', { path: `/orders?search=${user}` })
  await manager.getByText('No orders match').waitFor()
  await finishDeliveries()
  await setAvailable([])
  try {
    const id = await ordered(user, 1)
    await card(manager, 'Orders', id).getByText('Approved').waitFor()
    await passDeadline(id, 'assign_by')
    await reach(id, 'expired')
    await card(manager, 'Orders', id).getByText('Expired').waitFor()
    await refunded(id)
  } finally {
    await setAvailable()
  }
  await close(manager)
})

test('an order that its restaurant does not answer expires with a refund', async () => {
  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  const id = await ordered(customer('ignored'), 2)
  await card(restaurant, 'New orders', id).waitFor()
  await passDeadline(id, 'answer_by')
  await card(restaurant, 'New orders', id).waitFor({ state: 'detached' })
  await card(restaurant, 'Recent orders', id).getByText('Expired').waitFor()
  await refunded(id)
  await close(restaurant)
})

test('a restaurant edits its menu, and the manager sees the change', async () => {
  const restaurant = await open('analytics_app', { user: 'restaurant-2', path: '/menu' })
  const manager = await open('analytics_app', { path: '/availability' })
  await manager.getByRole('link', { name: 'Menu of Casa Cura' }).click()
  await manager.getByRole('heading', { name: 'Menu of Casa Cura' }).waitFor()
  const dish = (page: Page, name: string) => page.locator(`[data-dish="${name}"]`)
  try {
    await button(restaurant, 'New dish').click()
    const form = restaurant.getByRole('dialog', { name: 'New dish' })
    await form.getByRole('button', { name: 'Add dish' }).click()
    await form.getByText('Enter a price, such as 6.50.').waitFor()
    await form.getByLabel('Name').fill('tiramisu')
    await form.getByLabel('Price in dollars').fill('7,25')
    await form.getByLabel('Category').fill('Desserts')
    await form.getByRole('button', { name: 'Add dish' }).click()
    await form.getByText('The menu already has a dish of this name.').waitFor()
    await form.getByLabel('Name').fill('panna cotta')
    await form.getByLabel('Picture').selectOption('mochi')
    await form.getByRole('button', { name: 'Add dish' }).click()
    await form.waitFor({ state: 'detached' })
    assert.equal(await focused(restaurant), 'New dish')
    await dish(manager, 'panna cotta').getByText('$7.25').waitFor()

    await button(restaurant, 'Edit panna cotta').click()
    const editor = restaurant.getByRole('dialog', { name: 'Edit panna cotta' })
    await editor.getByLabel('Price in dollars').fill('6.50')
    await editor.getByLabel('Description (optional)').fill('With raspberries.')
    await editor.getByRole('button', { name: 'Save' }).click()
    await editor.waitFor({ state: 'detached' })
    assert.equal(await focused(restaurant), 'Edit')
    await dish(manager, 'panna cotta').getByText('With raspberries.').waitFor()
    await dish(manager, 'panna cotta').getByText('$6.50').waitFor()
    await restaurant.getByRole('switch', { name: 'panna cotta: Available' }).press('Space')
    await manager.getByRole('heading', { name: /^Menu: 1 of \d+ sold out$/ }).waitFor()
  } finally {
    await graphql(
      'mutation { delete_menu_items(where: {restaurant_id: {_eq: 2}, name: {_eq: "panna cotta"}}) { affected_rows } }',
    )
  }
  await dish(restaurant, 'panna cotta').waitFor({ state: 'detached' })
  await close(restaurant, manager)
})

test('a restaurant sets its opening hours, and customers see when it opens', async () => {
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
  // Another weekday than today, in each time zone.
  const later = days[(new Date().getUTCDay() + 2) % 7] ?? ''
  const restaurant = await open('analytics_app', { user: 'restaurant-6', path: '/hours' })
  const user = customer('early')
  const shopper = await open('order_app', { user, path: '/restaurants/6' })
  const add = button(shopper, 'Add nachos')
  try {
    await restaurant.getByText('No hours are set: customers can order at any time.').waitFor()
    await button(restaurant, 'Set hours').click()
    for (const day of days) {
      if (day !== later) await button(restaurant, `Remove period 1 of ${day}`).click()
    }
    const opens = restaurant.getByLabel(`${later}, period 1: opens`)
    await opens.fill('')
    await button(restaurant, 'Save hours').click()
    await restaurant.getByText('Enter both times.').waitFor()
    await opens.fill('17:30')
    await button(restaurant, `Add hours on ${later}`).click()
    await restaurant.getByLabel(`${later}, period 2: opens`).fill('18:00')
    await restaurant.getByLabel(`${later}, period 2: closes`).fill('02:00')
    await restaurant.getByText('These hours overlap.').waitFor()
    await restaurant.getByLabel(`${later}, period 1: closes`).fill('18:00')
    await restaurant.getByLabel('Time zone of the restaurant').selectOption('America/New_York')
    await button(restaurant, 'Save hours').click()
    await restaurant.getByText('Saved. Customers see the new hours.').waitFor()

    await shopper.getByText(/^Opens \w+ \d+:30\s[AP]M\. Until then you can read the menu\.$/).waitFor()
    assert.ok(await add.isDisabled())
    const refused = await place(user, { restaurant: 6, items: [{ item: 'nachos', quantity: 1 }] })
    await reach(refused, 'refused')
    await shopper.getByRole('link', { name: 'Presto', exact: true }).click()
    await shopper
      .locator('[data-restaurant="6"][data-closed]')
      .getByText(/^Opens \w+ \d+:30\s[AP]M$/)
      .waitFor()
    await restaurant.getByRole('link', { name: 'Orders' }).click()
    await restaurant.getByText(/^Closed by your opening hours: new orders are refused until /).waitFor()
    const manager = await open('analytics_app', { path: '/availability' })
    await manager.getByText(/^Closed by its opening hours until \w+ \d+:30\s[AP]M$/).waitFor()
    await close(manager)

    // What is stored is shown again. Without hours, the restaurant is open.
    await restaurant.getByRole('link', { name: 'Hours' }).click()
    assert.equal(await restaurant.getByLabel(`${later}, period 2: closes`).inputValue(), '02:00')
    assert.equal(await restaurant.getByLabel('Time zone of the restaurant').inputValue(), 'America/New_York')
    await button(restaurant, 'Remove all hours').click()
    await button(restaurant, 'Save hours').click()
    await restaurant.getByText('Saved. Customers see the new hours.').waitFor()
    await shopper.locator('[data-restaurant="6"]:not([data-closed])').waitFor()
    await shopper.getByRole('link', { name: 'Luna y Sol', exact: true }).click()
    await add.click()
  } finally {
    await openAlways(6)
  }
  await close(restaurant, shopper)
})

test('an event that is delivered again is cancelled after a question', async () => {
  const id = await place(customer('stalled'))
  await reach(id, 'validated')
  const event = `trigger_name = 'validate-order' AND payload #>> '{data,new,order_id}' = '${id}'`
  await until('the event waits for another attempt', async () => {
    const waiting = await sql(
      `UPDATE hdb_catalog.event_log
       SET delivered = false, tries = 3, next_retry_at = now() AT TIME ZONE 'UTC' + interval '1 hour'
       WHERE delivered AND ${event} RETURNING id`,
    )
    return waiting.length === 1
  })
  const page = await open('analytics_app', { path: '/stuck' })
  const row = page
    .getByRole('list', { name: 'Events that are delivered again' })
    .getByRole('listitem')
    .filter({ hasText: id.slice(0, 8) })
  await row.getByText(/3 attempts, the last at .+, the next at /).waitFor()
  await row.getByRole('button', { name: /^Cancel event/ }).click()
  await page
    .getByRole('dialog', { name: 'Cancel this event?' })
    .getByRole('button', { name: 'Keep the event' })
    .click()
  await row.getByRole('button', { name: /^Cancel event/ }).click()
  await button(page, 'Cancel the event').click()
  await row.waitFor({ state: 'detached' })
  const archived = await sql(
    `SELECT id FROM hdb_catalog.event_log WHERE archived AND NOT delivered AND ${event}`,
  )
  assert.equal(archived.length, 1)
  await close(page)
})

test('failed events are listed with their reason and redelivered', async () => {
  const user = customer('failed-events')
  const ids = [await place(user), await place(user)]
  for (const id of ids) await reach(id, 'validated')
  const events = `trigger_name = 'validate-order' AND payload #>> '{data,new,order_id}' IN ('${ids.join("', '")}')`
  const delivered = async () =>
    (await sql(`SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND ${events}`))[0]?.[0]
  await until('the events are delivered', async () => (await delivered()) === '2')
  await sql(`UPDATE hdb_catalog.event_log SET delivered = false, error = true, tries = 9 WHERE ${events}`)

  const page = await open('analytics_app')
  await page.getByText(/^\d+ events have failed$/).waitFor()
  await page.getByRole('link', { name: 'Show the failed events' }).click()
  const list = page.getByRole('list', { name: 'Failed events' })
  const first = list.getByRole('listitem').filter({ hasText: ids[0]?.slice(0, 8) ?? '' })
  await first.getByText('Validation').waitFor()
  await first.getByText(/^Status 200/).waitFor()
  await first.getByText(/9 attempts/).waitFor()
  await first.getByRole('button', { name: /^Redeliver/ }).click()
  await first.waitFor({ state: 'detached' })
  await until('the event is delivered again', async () => (await delivered()) === '1')

  await sql(`UPDATE hdb_catalog.event_log SET delivered = false, error = true WHERE ${events}`)
  await button(page, 'Redeliver all 2').click()
  await button(page, 'Redeliver 2 events').click()
  await page.getByText('None. An event without attempts left appears here.').waitFor()
  await until('both events are delivered again', async () => (await delivered()) === '2')
  await close(page)
})

test('figures follow the time range and the restaurant of the address', async () => {
  await ordered(customer('figures'), 2)
  const page = await open('analytics_app', { path: '/?restaurant=2&range=15m' })
  const figure = async (name: string) =>
    (await page.locator(`[data-figure="${name}"] dd`).first().textContent()) ?? ''
  await until('the figures are loaded', async () => /^\d+$/.test(await figure('Orders')))
  const orders = Number(await figure('Orders'))
  const next = await place(customer('figures'), { restaurant: 2 })
  await until('the order is counted', async () => Number(await figure('Orders')) === orders + 1)
  await reach(next, 'validated')
  assert.match(await figure('Revenue'), /^\$\d/)
  await page.getByRole('link', { name: 'Night Owl' }).click()
  await page.waitForURL(/restaurant=3/)
  await until('a closed restaurant has no revenue', async () => (await figure('Revenue')) === '$0.00')
  await page.getByLabel('Restaurant', { exact: true }).selectOption({ label: 'All restaurants' })
  await until(
    'all orders are counted',
    async () => Number((await figure('Orders')).replaceAll(',', '')) > orders,
  )
  await close(page)
})

test('the export contains all orders that match, with reasons and refunds', async () => {
  const user = customer('exported')
  const id = await ordered(user, 2)
  await graphql(
    'mutation ($id: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: {rejected: true, close_reason: "Closing, sorry"}) { status } }',
    { id },
  )
  await refunded(id)
  await graphql(
    `
      mutation ($orders: [orders_insert_input!]!) {
        insert_orders(objects: $orders) {
          affected_rows
        }
      }
    `,
    {
      orders: Array.from({ length: 120 }, (_, n) => ({
        order_id: `export-${id}-${n}`,
        user_id: user,
        address: '2 Test Street',
        restaurant_id: 1,
      })),
    },
  )
  const page = await open('analytics_app', { path: `/orders?search=${user}` })
  await page.getByText(/^Showing the 100 newest orders/).waitFor()
  const download = page.waitForEvent('download')
  await button(page, 'Export as CSV').click()
  const file = await (await download).createReadStream()
  let text = ''
  for await (const chunk of file) text += String(chunk)
  const lines = text.trim().split('\r\n')
  assert.equal(lines.length, 122)
  const row = lines.find((line) => line.startsWith(id)) ?? ''
  assert.match(row, new RegExp(`,rejected,${user},Casa Cura,pizza,500,1 Test Street,,,"Closing, sorry",500$`))
  await page.getByText('121 orders saved.').waitFor()
  await close(page)
})

test('a load test whose orders would be refused says so', async () => {
  const page = await open('analytics_app', { path: '/load-test' })
  const start = button(page, 'Place 1,000 orders')
  await page.getByLabel('Restaurant').selectOption({ label: 'Night Owl (closed)' })
  await page.getByText(/^Night Owl is closed, so its orders would be refused./).waitFor()
  assert.ok(await start.isDisabled())
  await page.getByLabel('Restaurant').selectOption({ label: 'Trattoria Presto' })
  await page.getByLabel('Dish').selectOption({ label: 'truffle risotto (sold out)' })
  await page.getByText(/is sold out, so the orders would be refused/).waitFor()
  await close(page)
})
