// The dashboard as whoever runs the place uses it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { close, open } from './harness/browser.ts'
import { COUNTERS, count, gotoPage, stateTotal } from './harness/dashboard.ts'
import { graphql, pay, place, reach, until } from './harness/stack.ts'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
/** An order in one of the lists. */
const card = (page: Page, list: string, id: string) =>
  page.getByRole('list', { name: list }).locator(`[data-order="${id}"]`)
const driversAvailable = (value: boolean) =>
  graphql(
    'mutation ($value: Boolean!) { update_drivers(where: {}, _set: {available: $value}) { affected_rows } }',
    {
      value,
    },
  )

test('counters, chart and newest orders are live beside the order app, from order to driver', async () => {
  const user = 'watched'
  const dashboard = await open('analytics_app')
  const before = await count(dashboard)
  await dashboard.getByText('Table', { exact: true }).click()
  const assigned = await stateTotal(dashboard, 'assigned')

  const shop = await open('order_app', { user })
  await button(shop, 'Add burger').click()
  await button(shop, 'Place order').click()
  await until('one more order, checked', async () => {
    const now = await count(dashboard)
    return now.placed === before.placed + 1 && now.validated === before.validated + 1
  })
  assert.equal((await count(dashboard)).paid, before.paid)
  const id = shop.url().split('/').at(-1) ?? ''
  const row = card(dashboard, 'Newest orders', id)
  await row.getByText('Ready to pay').waitFor()
  assert.match((await row.textContent()) ?? '', /burger.*watched.*\$6\.50/)

  await button(shop, /Good card/).click()
  await button(shop, 'Pay $6.50').click()
  await row.getByText('Driver assigned').waitFor()
  await until('all five counters went up by one', async () => {
    const now = await count(dashboard)
    return COUNTERS.every((name) => now[name] === before[name] + 1)
  })
  // What the original's own views say.
  const views = await graphql<Record<(typeof COUNTERS)[number], [{ count: number }]>>(`
    {
      placed: number_orders {
        count
      }
      validated: number_order_validated {
        count
      }
      paid: number_order_payment_valid {
        count
      }
      approved: number_order_approved {
        count
      }
      assigned: number_order_driver_assigned {
        count
      }
    }
  `)
  const shown = await count(dashboard)
  for (const name of COUNTERS) assert.equal(shown[name], views[name][0].count, name)

  // The series that stays at zero in the original.
  await until(
    'the table has the assignment',
    async () => (await stateTotal(dashboard, 'assigned')) > assigned,
  )
  await dashboard.getByText('Chart', { exact: true }).click()
  await dashboard
    .getByRole('img', { name: /Orders reaching each state over the last ten minutes. The most at once: / })
    .waitFor()
  await until('the chart has a bar in the colour of assigned orders', () =>
    dashboard.evaluate(() => {
      const canvas = document.querySelector('canvas')
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      for (let at = 0; at < pixels.length; at += 4) {
        if (pixels[at] === 0x73 && pixels[at + 1] === 0x50 && pixels[at + 2] === 0xd2) return true
      }
      return false
    }),
  )
  await dashboard.getByText('1 h', { exact: true }).click()
  await dashboard.getByRole('img', { name: /over the last hour. The most at once: / }).waitFor()
  await close(shop, dashboard)
})

test('approve by hand, mark picked up, mark delivered: the order moves from list to list', async () => {
  const id = await place('by-hand-too', { restaurant: 2 })
  await reach(id, 'validated')
  const page = await open('analytics_app', { path: '/work' })
  await page.getByRole('heading', { name: 'To approve' }).waitFor()
  assert.equal(await pay(id), 200)

  const waiting = card(page, 'To approve', id)
  await waiting.getByText('Casa Cura for by-hand-too').waitFor()
  await button(page, `Approve: order ${id.slice(0, 8)} of by-hand-too`).click()
  await waiting.waitFor({ state: 'detached' })

  await card(page, 'To pick up', id).getByRole('button').click()
  await card(page, 'To deliver', id).getByRole('button').click()
  await card(page, 'To deliver', id).waitFor({ state: 'detached' })
  await reach(id, 'delivered')
  await close(page)
})

test('two people approve the same order: it is approved once', async () => {
  const id = await place('contested', { restaurant: 2 })
  await reach(id, 'validated')
  assert.equal(await pay(id), 200)
  const page = await open('analytics_app', { path: '/work' })
  const waiting = card(page, 'To approve', id)
  await waiting.waitFor()
  // Between the click and the server, somebody else does it, and a driver has it already.
  await page.route('**/v1/graphql', async (route) => {
    await graphql(
      'mutation ($id: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: {approved: true}) { status } }',
      { id },
    )
    await reach(id, 'assigned')
    const response = await route.fetch()
    assert.deepEqual(await response.json(), { data: { changed: { affected_rows: 0 } } })
    await route.fulfill({ response })
  })
  await waiting.getByRole('button').click()
  await waiting.waitFor({ state: 'detached' })
  const { story } = await graphql<{ story: { outcome: string }[] }>(
    'query ($id: String!) { story: order_history(where: {order_id: {_eq: $id}, outcome: {_eq: "approved"}}) { outcome } }',
    { id },
  )
  assert.equal(story.length, 1)
  await page.unrouteAll({ behavior: 'wait' })
  await close(page)
})

test('what cannot be sent says so in plain words, and works the second time', async () => {
  const id = await place('unlucky', { restaurant: 2 })
  await reach(id, 'validated')
  assert.equal(await pay(id), 200)
  const page = await open('analytics_app', { path: '/work' })
  const waiting = card(page, 'To approve', id)
  await waiting.waitFor()
  await page.route('**/v1/graphql', (route) => route.abort())
  await waiting.getByRole('button').click()
  await waiting.getByRole('alert').getByText('The server cannot be reached.').waitFor()
  await page.unroute('**/v1/graphql')
  await waiting.getByRole('button').click()
  await waiting.waitFor({ state: 'detached' })
  await reach(id, 'assigned')
  await close(page)
})

test('several at once: one button for the whole list', async () => {
  const ids = [await place('several', { restaurant: 2 }), await place('several', { restaurant: 2 })]
  for (const id of ids) {
    await reach(id, 'validated')
    assert.equal(await pay(id), 200)
  }
  const page = await open('analytics_app', { path: '/work' })
  for (const id of ids) await card(page, 'To approve', id).waitFor()
  await button(page, /^Approve all \d+$/).click()
  await page.getByText('Nothing to approve').waitFor()
  for (const id of ids) await reach(id, 'assigned')
  await close(page)
})

test('drivers and restaurants are switched here, and follow when somebody else does it', async () => {
  const page = await open('analytics_app', { path: '/availability' })
  const ada = page.getByRole('switch', { name: 'Available: Ada' })
  const adaInDatabase = async () => {
    const { drivers } = await graphql<{ drivers: { available: boolean }[] }>(
      '{ drivers(where: {name: {_eq: "Ada"}}) { available } }',
    )
    return drivers[0]?.available
  }
  await ada.waitFor()
  try {
    assert.ok(await ada.isChecked())
    await ada.press('Space')
    await page.getByText('Drivers: 49 of 50 available').waitFor()
    await until('Ada is not available in the database', async () => (await adaInDatabase()) === false)
    await button(page, 'None available').click()
    await page.getByText('Drivers: 0 of 50 available').waitFor()
    await driversAvailable(true)
    await page.getByText('Drivers: 50 of 50 available').waitFor()
    assert.ok(await ada.isChecked())

    // A closed restaurant refuses.
    const open = page.getByRole('switch', { name: 'Trattoria Presto: Open' })
    await open.press('Space')
    await page.getByText('New orders are refused.').first().waitFor()
    await until('it is closed in the database', async () => {
      const { r } = await graphql<{ r: { open: boolean } }>('{ r: restaurants_by_pk(id: 1) { open } }')
      return !r.open
    })
    await reach(await place('too-late'), 'refused')
    await open.press('Space')
    await page.getByText('Paid orders are approved at once.').waitFor()
  } finally {
    await driversAvailable(true)
    await graphql('mutation { update_restaurants_by_pk(pk_columns: {id: 1}, _set: {open: true}) { id } }')
  }
  await close(page)
})

test('what is stuck is listed with its last entry and what helps', async () => {
  const page = await open('analytics_app', { path: '/stuck' })
  await page.getByRole('heading', { name: 'Stuck', exact: true }).waitFor()
  let id = ''
  try {
    await driversAvailable(false)
    id = await place('nobody-comes')
    await reach(id, 'validated')
    assert.equal(await pay(id), 200)
    await until('the driver function has said that nobody is there', async () => {
      const { moved } = await graphql<{ moved: { affected_rows: number } }>(
        // As if it had happened before: ten seconds are long for a test.
        `
          mutation ($id: String!, $at: timestamptz!) {
            moved: update_order_history(
              where: { order_id: { _eq: $id }, outcome: { _eq: "waiting" } }
              _set: { at: $at }
            ) {
              affected_rows
            }
          }
        `,
        { id, at: new Date(Date.now() - 75_000).toISOString() },
      )
      return moved.affected_rows === 1
    })
    const stuck = card(page, 'Stuck orders', id)
    await stuck.getByText('No driver was available.').waitFor()
    assert.match((await stuck.textContent()) ?? '', /Driver, waiting, attempt 1event [0-9a-f-]{36}/)
    await stuck.getByText(/^1 min \d+ s$/).waitFor()
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Stuck\s*\d+$/ })
      .waitFor()

    await stuck.getByRole('link', { name: 'Drivers' }).click()
    await button(page, 'All available').click()
    await page.getByText('Drivers: 50 of 50 available').waitFor()
    await reach(id, 'assigned')
    await gotoPage(page, /^Stuck/)
    await page.getByRole('heading', { name: 'Stuck', exact: true }).waitFor()
    await stuck.waitFor({ state: 'detached' })
  } finally {
    await driversAvailable(true)
  }
  await close(page)
})

test('an address without a page, and the keyboard’s way past the navigation', async () => {
  const page = await open('analytics_app', { path: '/no/such/page' })
  await page.getByRole('link', { name: 'Back to the overview' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')
  await close(page)
})
