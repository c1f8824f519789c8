// The dashboard, as staff use it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { finishDeliveries } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { COUNTERS, count, gotoPage, statusTotal, takeStep } from './harness/dashboard.ts'
import { button, card } from './harness/elements.ts'
import { MAX_SHIFT, layoutShift, recordShifts } from './harness/shifts.ts'
import { graphql, pay, place, reach, statusOf, until } from './harness/stack.ts'

const driversAvailable = (value: boolean) =>
  graphql(
    'mutation ($value: Boolean!) { update_drivers(where: {}, _set: {available: $value}) { affected_rows } }',
    {
      value,
    },
  )

test('counters, chart and newest orders follow an order from placement to driver', async () => {
  const user = customer('watched')
  const dashboard = await open('analytics_app')
  const before = await count(dashboard)
  await dashboard.getByText('Table', { exact: true }).click()
  const assigned = await statusTotal(dashboard, 'assigned')

  const id = await place(user, { items: [{ item: 'burger', quantity: 1 }] })
  await until('one more order is placed and validated', async () => {
    const now = await count(dashboard)
    return now.placed === before.placed + 1 && now.validated === before.validated + 1
  })
  assert.equal((await count(dashboard)).paid, before.paid)
  const row = card(dashboard, 'Newest orders', id)
  await row.getByText('Ready to pay').waitFor()
  assert.match((await row.textContent()) ?? '', new RegExp(`burger.*${user}.*\\$6\\.50`))

  assert.equal(await pay(id, 650), 200)
  await row.getByText('Driver assigned').waitFor()
  await until('all five counters went up by one', async () => {
    const now = await count(dashboard)
    return COUNTERS.every((name) => now[name] === before[name] + 1)
  })
  // The views of the Node.js example have the same values.
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

  // In the Node.js example this series stays at zero.
  await until(
    'the table has the assignment',
    async () => (await statusTotal(dashboard, 'assigned')) > assigned,
  )
  await dashboard.getByText('Chart', { exact: true }).click()
  await dashboard.getByRole('img', { name: /Orders by stage over the last hour. Highest count: / }).waitFor()
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
  for (const [range, span] of [
    ['15 min', 'last ten minutes'],
    ['Today', 'last 24 hours'],
    ['7 days', 'last seven days'],
  ] as const) {
    await dashboard.getByText(range, { exact: true }).first().click()
    await dashboard.getByRole('img', { name: new RegExp(`over the ${span}. Highest count: `) }).waitFor()
  }
  assert.match(dashboard.url(), /range=7d/)
  await close(dashboard)
})

test('an order moves from list to list when it is approved, picked up and delivered', async () => {
  const user = customer('manual-steps')
  const id = await place(user, { restaurant: 2 })
  await reach(id, 'validated')
  const page = await open('analytics_app', { path: '/work' })
  await page.getByRole('heading', { name: 'Awaiting approval' }).waitFor()
  assert.equal(await pay(id), 200)

  const waiting = card(page, 'Awaiting approval', id)
  await waiting.getByText(`Casa Cura for ${user}`).waitFor()
  await takeStep(button(page, `Approve: order ${id.slice(0, 8)} of ${user}`))
  await waiting.waitFor({ state: 'detached' })

  await takeStep(card(page, 'Ready for pick-up', id).getByRole('button', { name: /^Mark/ }))
  await takeStep(card(page, 'On the way', id).getByRole('button', { name: /^Mark/ }))
  await card(page, 'On the way', id).waitFor({ state: 'detached' })
  await reach(id, 'delivered')
  await close(page)
})

test('an order that two clients approve concurrently is approved once', async () => {
  const id = await place(customer('contested'), { restaurant: 2 })
  await reach(id, 'validated')
  assert.equal(await pay(id), 200)
  const page = await open('analytics_app', { path: '/work' })
  const waiting = card(page, 'Awaiting approval', id)
  await waiting.waitFor()
  // Before the request reaches the server, another client approves the order and a driver is assigned.
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
  await takeStep(waiting.getByRole('button', { name: /^Approve/ }))
  await waiting.waitFor({ state: 'detached' })
  const { approvals } = await graphql<{ approvals: { outcome: string }[] }>(
    'query ($id: String!) { approvals: order_history(where: {order_id: {_eq: $id}, outcome: {_eq: "approved"}}) { outcome } }',
    { id },
  )
  assert.equal(approvals.length, 1)
  await page.unrouteAll({ behavior: 'wait' })
  await close(page)
})

test('a mutation that cannot be sent shows a message and succeeds when repeated', async () => {
  const id = await place(customer('offline'), { restaurant: 2 })
  await reach(id, 'validated')
  assert.equal(await pay(id), 200)
  const page = await open('analytics_app', { path: '/work' })
  const waiting = card(page, 'Awaiting approval', id)
  await waiting.waitFor()
  await page.route('**/v1/graphql', (route) => route.abort())
  await takeStep(waiting.getByRole('button', { name: /^Approve/ }))
  await waiting.getByRole('alert').getByText('Server unreachable. Please try again.').waitFor()
  await page.unroute('**/v1/graphql')
  await takeStep(waiting.getByRole('button', { name: /^Approve/ }))
  await waiting.waitFor({ state: 'detached' })
  await reach(id, 'assigned')
  await close(page)
})

test('a double click approves one order, which can be undone; all are approved after a question', async () => {
  const user = customer('several')
  const ids = [await place(user, { restaurant: 2 }), await place(user, { restaurant: 2 })] as const
  for (const id of ids) {
    await reach(id, 'validated')
    assert.equal(await pay(id), 200)
  }
  const page = await open('analytics_app', { path: '/work' })
  const [first, second] = ids.map((id) => card(page, 'Awaiting approval', id))
  assert.ok(first && second)
  await second.waitFor()
  await page.clock.install()
  await first.getByRole('button', { name: /^Approve:/ }).dblclick()
  await first.getByRole('button', { name: /^Approved:/ }).waitFor()
  assert.equal(await second.getByRole('button', { name: /^Approve:/ }).count(), 1)
  await first.getByRole('button', { name: /^Undo:/ }).click()
  await first.getByRole('button', { name: /^Approve:/ }).waitFor()
  assert.equal(
    await page.evaluate(() => document.activeElement?.textContent),
    'Approve',
    'the focus stays in the row',
  )
  await page.clock.fastForward(5_000)
  assert.deepEqual([await statusOf(ids[0]), await statusOf(ids[1])], ['paid', 'paid'])

  await button(page, /^Approve all \d+$/).click()
  const question = page.getByRole('dialog', { name: /^Approve \d+ orders\?$/ })
  await question.getByRole('listitem').first().waitFor()
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  assert.equal(await statusOf(ids[0]), 'paid')
  await button(page, /^Approve all \d+$/).click()
  await button(page, /^Approve \d+ orders$/).click()
  await page.getByText('No orders awaiting approval').waitFor()
  for (const id of ids) await reach(id, 'assigned')

  await gotoPage(page, /^Orders/)
  await page.getByLabel('Search').fill(user)
  await page.waitForURL((url) => url.searchParams.get('search') === user)
  await card(page, 'Orders', ids[0]).getByRole('link').click()
  await page.getByRole('list', { name: 'Order history' }).getByText('Payment: paid').waitFor()
  await page.goBack()
  await page.waitForURL((url) => url.searchParams.get('search') === user)
  assert.equal(await page.getByLabel('Search').inputValue(), user)
  await card(page, 'Orders', ids[1]).waitFor()
  await close(page)
})

test('switches change drivers and restaurants, and follow changes by other clients', async () => {
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
    await button(page, 'Make all unavailable').click()
    await button(page, 'Make 49 drivers unavailable').click()
    await page.getByText('Drivers: 0 of 50 available').waitFor()
    await button(page, 'Undo').click()
    await page.getByText('Drivers: 49 of 50 available').waitFor()
    await driversAvailable(true)
    await page.getByText('Drivers: 50 of 50 available').waitFor()
    assert.ok(await ada.isChecked())
    await page.getByLabel('Search drivers').fill('ada')
    await page.getByRole('switch', { name: 'Available: Zoe' }).waitFor({ state: 'detached' })

    // Orders of a closed restaurant are refused.
    const presto = page.getByRole('listitem').filter({ hasText: 'Trattoria Presto' })
    const open = presto.getByRole('switch', { name: 'Trattoria Presto: Open' })
    await open.press('Space')
    await presto.getByText('Closed').waitFor()
    await until('it is closed in the database', async () => {
      const { r } = await graphql<{ r: { open: boolean } }>('{ r: restaurants_by_pk(id: 1) { open } }')
      return !r.open
    })
    await reach(await place(customer('too-late')), 'refused')
    await open.press('Space')
    await presto.getByText('Confirms orders automatically').waitFor()
  } finally {
    await driversAvailable(true)
    await graphql('mutation { update_restaurants_by_pk(pk_columns: {id: 1}, _set: {open: true}) { id } }')
  }
  await close(page)
})

test('delayed orders are listed with their last event and a remedy', async () => {
  const page = await open('analytics_app', { path: '/stuck' })
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
  let id = ''
  try {
    // Otherwise they are released with their drivers, and appear in the list after ten seconds, below a pointer that clicks.
    await finishDeliveries()
    await driversAvailable(false)
    id = await place(customer('no-driver'))
    await reach(id, 'validated')
    assert.equal(await pay(id), 200)
    await until('the driver assignment has found no driver', async () => {
      const { moved } = await graphql<{ moved: { affected_rows: number } }>(
        // Moves the event into the past, because waiting for ten seconds would slow the test down.
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
    const stuck = card(page, 'Delayed orders', id)
    await stuck.getByText('No driver is available.').waitFor()
    assert.match(
      (await stuck.textContent()) ?? '',
      /Driver assignment, waiting, attempt 1event [0-9a-f-]{36}/,
    )
    await stuck.getByText(/^1 min \d+ s$/).waitFor()
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Needs attention\s*\d+$/ })
      .waitFor()

    assert.equal(
      await stuck.getByRole('link', { name: 'Drivers' }).evaluate((link) => {
        const list = link.closest('ul')
        const had = list?.toggleAttribute('data-moved', true)
        const reached = getComputedStyle(link).pointerEvents
        list?.removeAttribute('data-moved')
        return had === true ? reached : 'no list'
      }),
      'none',
      'a link of a row that has just moved takes no click',
    )
    await stuck.getByRole('link', { name: 'Drivers' }).click()
    await button(page, 'Make all available').click()
    await button(page, 'Make 50 drivers available').click()
    await page.getByText('Drivers: 50 of 50 available').waitFor()
    await reach(id, 'assigned')
    await gotoPage(page, /^Needs attention/)
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await stuck.waitFor({ state: 'detached' })
  } finally {
    await driversAvailable(true)
  }
  await close(page)
})

test('the pages of staff move little while they load', async () => {
  for (const [user, paths] of [
    ['manager', ['/', '/orders', '/work', '/availability', '/availability/2', '/stuck', '/load-test']],
    ['restaurant-2', ['/', '/menu']],
    ['driver-1', ['/']],
  ] as const) {
    const page = await open('analytics_app', { user, size: 'phone' })
    await recordShifts(page)
    for (const path of paths) {
      await page.goto(new URL(path, page.url()).href)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.locator('[data-loading]').first().waitFor({ state: 'detached' })
      const shift = await layoutShift(page)
      assert.ok(shift <= MAX_SHIFT, `layout shift of ${path} of ${user}: ${shift}`)
    }
    await close(page)
  }
})

test('an unknown address links back, and the skip link moves the focus past the navigation', async () => {
  const page = await open('analytics_app', { path: '/no/such/page' })
  await page.getByRole('link', { name: 'Back to the overview' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')
  await close(page)
  for (const [user, link, heading] of [
    ['restaurant-2', 'Back to the orders', 'Casa Cura'],
    ['driver-1', 'Back to your deliveries', 'Hello, Ada'],
  ] as const) {
    const page = await open('analytics_app', { user, path: '/no/such/page' })
    await page.getByRole('link', { name: link }).click()
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
    await close(page)
  }
})
