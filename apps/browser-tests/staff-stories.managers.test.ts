// Managers: events, figures, the export, and load tests.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { sql } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { refunded } from './harness/closing.ts'
import { customer } from './harness/customers.ts'
import { button } from './harness/elements.ts'
import { graphql, ordered, place, reach, until } from './harness/stack.ts'

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
