// How a restaurant controls its orders: minutes with each acceptance, pauses and opening hours, and what its customers see of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { openAlways, setAvailable, sql } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { takeStep } from './harness/dashboard.ts'
import { button, card } from './harness/elements.ts'
import { graphql, ordered, place, reach, until } from './harness/stack.ts'

const setRestaurant = (id: number, set: object) =>
  graphql(
    'mutation ($id: Int!, $set: restaurants_set_input!) { update_restaurants_by_pk(pk_columns: {id: $id}, _set: $set) { id } }',
    { id, set },
  )

/** Minutes from the approval of an order to its expected delivery. */
async function expectedMinutes(id: string): Promise<number> {
  const [row] = await sql(
    `SELECT extract(epoch FROM t.eta - h.at) / 60 FROM order_tracking AS t JOIN order_history AS h ON h.order_id = t.order_id
     WHERE t.order_id = '${id}' AND h.outcome = 'approved'`,
  )
  return Number(row?.[0])
}

test('a restaurant accepts with the minutes that it needs, and the customer expects the order then', async () => {
  const user = customer('patient')
  // Nothing happens after the acceptance.
  await setAvailable([])
  try {
    const restaurant = await open('analytics_app', { user: 'restaurant-2' })
    const [usual, long] = [await ordered(user, 2), await ordered(user, 2)]
    const minutes = (id: string) =>
      card(restaurant, 'New orders', id).getByLabel(`Ready in: order ${id.slice(0, 8)}`)
    assert.equal(await minutes(long).inputValue(), '20')
    await minutes(long).selectOption({ label: '60 min' })
    for (const id of [usual, long]) {
      await takeStep(card(restaurant, 'New orders', id).getByRole('button', { name: /^Accept/ }))
      await reach(id, 'approved')
      await card(restaurant, 'In preparation', id)
        .getByText(/^Ready by \d+:\d\d/)
        .waitFor()
    }
    // Both are for the same address.
    const later = (await expectedMinutes(long)) - (await expectedMinutes(usual))
    assert.ok(Math.abs(later - 40) < 0.01, `${later} minutes later`)
    const shop = await open('order_app', { user, path: `/orders/${long}` })
    await shop.getByText(/^Arriving around \d+:\d\d/).waitFor()

    // What is usual is shown to customers, and offered with the next order.
    await restaurant.getByLabel('Usual preparation').selectOption('30')
    const next = await ordered(user, 2)
    await until('the next order has them', async () => (await minutes(next).inputValue()) === '30')
    await shop.getByRole('link', { name: 'Presto', exact: true }).click()
    await shop.locator('[data-restaurant="2"]').getByText('30 min').waitFor()
    await close(restaurant, shop)
  } finally {
    await setRestaurant(2, { preparation_minutes: 20 })
    await setAvailable()
  }
})

test('a restaurant pauses its orders: customers see until when, and orders are refused meanwhile', async () => {
  const user = customer('just-too-late')
  const nachos = { restaurant: 6, items: [{ item: 'nachos', quantity: 1 }] }
  const restaurant = await open('analytics_app', { user: 'restaurant-6' })
  const shop = await open('order_app', { user, path: '/restaurants/6' })
  try {
    await button(shop, 'Add nachos').click()
    // An order from before the pause is accepted as usual.
    const before = await place(user, nachos)
    await button(restaurant, 'Pause orders').click()
    const question = restaurant.getByRole('dialog', { name: 'Pause new orders?' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    assert.equal(await restaurant.evaluate(() => document.activeElement?.textContent), 'Pause orders')
    await button(restaurant, 'Pause orders').click()
    await question.getByRole('button', { name: 'For 30 min' }).click()
    await restaurant.getByText(/^Paused: new orders are refused until \d+:\d\d/).waitFor()
    await reach(before, 'validated')

    await shop.getByText('Luna y Sol takes no new orders at the moment', { exact: true }).waitFor()
    await shop.getByText(/^Paused until \d+:\d\d\s[AP]M\. Until then you can read the menu\.$/).waitFor()
    assert.ok(await button(shop, 'Place order').isDisabled())
    await shop.getByText(/^Luna y Sol takes no new orders at the moment\. Paused until /).waitFor()
    await shop.getByRole('link', { name: 'Presto', exact: true }).click()
    await shop
      .locator('[data-restaurant="6"][data-closed]')
      .getByText(/^Paused until \d/)
      .waitFor()
    await assert.rejects(place(user, nachos), /restaurant "Luna y Sol" takes no orders until \d{4}-/)
    const manager = await open('analytics_app', { path: '/availability' })
    await manager.getByText(/^Has paused its orders until \d/).waitFor()
    await close(manager)

    await button(restaurant, 'Take orders again').click()
    await restaurant.getByText('Open, confirms orders manually').waitFor()
    await shop.locator('[data-restaurant="6"]:not([data-closed])').waitFor()
    await shop.getByRole('link', { name: 'Luna y Sol', exact: true }).click()
    await button(shop, 'Place order').click()
    await shop.getByRole('heading', { name: 'Waiting for your payment' }).waitFor()
  } finally {
    await setRestaurant(6, { paused_until: null })
  }
  await close(restaurant, shop)
})

test('the page of a restaurant lists its opening hours', async () => {
  const page = await open('order_app', { user: customer('planner'), path: '/restaurants/5' })
  await page.getByRole('heading', { name: 'Spice Route' }).waitFor()
  assert.equal(await page.getByText('Opening hours').count(), 0, 'a restaurant without hours has no list')
  try {
    // Open now, on all weekdays except one; the clock of Kiritimati is 14 hours before UTC.
    await sql(
      `UPDATE restaurants SET time_zone = 'Pacific/Kiritimati' WHERE id = 5;
       INSERT INTO opening_hours (restaurant_id, weekday, opens, closes)
       SELECT 5, day, '00:00', '17:00' FROM generate_series(1, 7) AS day
       WHERE day <> extract(isodow FROM now() AT TIME ZONE 'Pacific/Kiritimati' + interval '3 days');
       INSERT INTO opening_hours (restaurant_id, weekday, period, opens, closes)
       SELECT 5, weekday, 2, '17:00', '00:00' FROM opening_hours WHERE restaurant_id = 5
         AND weekday = extract(isodow FROM now() AT TIME ZONE 'Pacific/Kiritimati')`,
    )
    const summary = page.locator('summary')
    await summary.getByText(/^Today 12:00\sAM – 5:00\sPM, 5:00\sPM – 12:00\sAM$/).waitFor()
    await summary.press('Enter')
    const days = page.locator('details dl > div')
    assert.equal(await days.count(), 7)
    assert.equal(await page.locator('details dd').getByText('Closed', { exact: true }).count(), 1)
    const today = new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'Pacific/Kiritimati' })
    await page.locator('details [data-today]').getByText(today.format(new Date())).waitFor()
    await page.getByText('Times are those of Pacific/Kiritimati.').waitFor()
    await button(page, 'Add samosa').click()
  } finally {
    await openAlways(5)
  }
  await close(page)
})
