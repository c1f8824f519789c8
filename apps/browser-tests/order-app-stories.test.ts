// Stories of customers: choosing a restaurant, keeping a cart, following an order, and orders that end early.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { RIVER } from '../shared/src/map/city.ts'
import { driverOf, sql } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { forgetPositions, moveDriver } from './harness/drivers.ts'
import { button } from './harness/elements.ts'
import { fillDemoCard } from './harness/payment.ts'
import { openRestaurant, orderId, step } from './harness/shop.ts'
import { graphql, pay, place, reach } from './harness/stack.ts'

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 }).waitFor()
const cards = (page: Page) => page.getByRole('list', { name: 'Restaurants' }).locator('[data-restaurant]')
/** Changes an order as the backend and the roles do. */
const change = (id: string, set: object) =>
  graphql(
    'mutation ($id: String!, $set: orders_set_input!) { update_orders_by_pk(pk_columns: {order_id: $id}, _set: $set) { status } }',
    { id, set },
  )
/** Closes an order as expire-orders does when a deadline has passed, without waiting for the deadline. */
const expire = (id: string, deadline: 'pay_by' | 'answer_by', close_reason: string) =>
  change(id, { [deadline]: '2026-01-01T00:00:00Z', expired: true, close_reason })

test('a customer finds a restaurant by cuisine and by dish, and the address keeps the search', async () => {
  const page = await open('order_app', { user: customer('hungry-reader') })
  await cards(page).first().waitFor()
  assert.ok((await cards(page).count()) >= 6)
  // Closed restaurants are last.
  await cards(page).last().getByText('Closed', { exact: true }).waitFor()
  await button(page, 'Japanese').click()
  assert.equal(await cards(page).count(), 1)
  await button(page, 'All').click()
  await page.getByLabel('Search restaurants and dishes').fill('Lasagne')
  await page.getByRole('link', { name: 'lasagne · $9.80' }).click()
  await heading(page, 'Casa Cura')
  await page.locator('[data-dish="lasagne"][data-marked]').waitFor()
  await page.goBack()
  await page.getByRole('link', { name: 'lasagne · $9.80' }).waitFor()
  assert.equal(new URL(page.url()).search, '?search=Lasagne')
  await page.getByLabel('Search restaurants and dishes').fill('sweaters')
  await page.getByText('No restaurants or dishes match “sweaters”').waitFor()
  await page.getByRole('link', { name: 'Clear search' }).click()
  await cards(page).nth(5).waitFor()

  // Sections of the menu, by the keyboard.
  await openRestaurant(page, 'Luna y Sol')
  await page.getByRole('navigation', { name: 'Sections of the menu' }).getByText('Desserts').press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Desserts')
  await page.goto(new URL('/restaurants/99999', page.url()).href)
  await heading(page, 'Restaurant not found')
  await page.goto(new URL('/restaurants/x', page.url()).href)
  await heading(page, 'Restaurant not found')
  await close(page)
})

test('another restaurant and “Order again” ask before they replace the cart', async () => {
  const user = customer('two-minds')
  const past = await place(user, { items: [{ item: 'burger', quantity: 2 }] })
  await reach(past, 'validated')
  await change(past, { cancelled: true })
  const page = await open('order_app', { user, path: '/restaurants/1' })
  await button(page, 'Add pizza').click()
  await openRestaurant(page, 'Hashi')
  await page.getByText('Your cart has 1 item from Trattoria Presto.').waitFor()

  await button(page, 'Add ramen').click()
  const dialog = page.getByRole('dialog', { name: 'Start a new order?' })
  await dialog.getByRole('button', { name: 'Keep my cart' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    'Add ramen',
    'the focus returns',
  )
  await page.getByText('Your cart has 1 item from Trattoria Presto.').waitFor()
  await button(page, 'Add ramen').click()
  await dialog.getByRole('button', { name: 'Start a new order' }).click()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$11.50')
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY')

  await page.goto(new URL(`/orders/${past}`, page.url()).href)
  await heading(page, 'You cancelled this order')
  await button(page, 'Order again').click()
  const question = page.getByRole('dialog', { name: 'Replace your cart?' })
  await question.getByText(/1 item from Hashi/).waitFor()
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  await button(page, 'Order again').click()
  await question.getByRole('button', { name: 'Replace my cart' }).click()
  await heading(page, 'Trattoria Presto')
  assert.equal(await page.getByTestId('cart-total').textContent(), '$13.00')
  await page.reload()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$13.00')
  await close(page)
})

test('a note reaches the restaurant, and the addresses of earlier orders are offered', async () => {
  const user = customer('noted')
  const page = await open('order_app', { user, path: '/restaurants/2' })
  const [address, note] = [page.getByLabel('Deliver to'), page.getByLabel('Note for the restaurant')]
  await button(page, 'Add pizza').click()
  await address.fill('7 Harbour View')
  await note.fill('No onions, please')
  await page.reload()
  assert.equal(await note.inputValue(), 'No onions, please')
  await button(page, 'Place order').click()
  await heading(page, 'Waiting for your payment')
  await page.getByText('No onions, please', { exact: true }).waitFor()
  const id = orderId(page)
  assert.equal(await pay(id, 500, user), 200)
  const restaurant = await open('analytics_app', { user: 'restaurant-2' })
  await restaurant
    .getByRole('list', { name: 'New orders' })
    .locator(`[data-order="${id}"]`)
    .getByText('“No onions, please”')
    .waitFor()
  const manager = await open('analytics_app', { path: `/orders/${id}` })
  await manager.getByText('No onions, please', { exact: true }).waitFor()

  await openRestaurant(page, 'Casa Cura')
  await button(page, 'Add pizza').click()
  assert.equal(await note.inputValue(), '')
  await address.fill('1 Other Street')
  await button(page, '7 Harbour View').click()
  assert.equal(await address.inputValue(), '7 Harbour View')
  await page.locator('button[aria-pressed="true"]', { hasText: '7 Harbour View' }).waitFor()
  await close(page, restaurant, manager)
})

test('the account keeps the address and the colours, leads to the orders and signs out', async () => {
  const user = customer('settled')
  const id = await place(user)
  await reach(id, 'validated')
  const page = await open('order_app', { user })
  await page.getByRole('link', { name: 'Account', exact: true }).click()
  await heading(page, 'Your account')
  await page.getByText(`You are signed in as ${user}`).waitFor()
  const address = page.getByLabel('Address', { exact: true })
  await address.fill('  ')
  await button(page, 'Save address').click()
  await page.getByText('Enter a delivery address.').waitFor()
  await button(page, '1 Test Street').click()
  assert.equal(await address.inputValue(), '1 Test Street')
  await address.fill('9 Garden Row')
  await button(page, 'Save address').click()
  await page.getByText('Address saved.').waitFor()

  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)
  await page.getByRole('radio', { name: 'Dark' }).check()
  assert.equal(await scheme(), 'dark')
  await page.reload()
  await heading(page, 'Your account')
  assert.equal(await scheme(), 'dark')
  assert.ok(await page.getByRole('radio', { name: 'Dark' }).isChecked())
  await page.getByRole('radio', { name: 'Same as system' }).check()
  assert.equal(await scheme(), 'light')
  assert.equal(await address.inputValue(), '9 Garden Row')

  await page
    .getByRole('list', { name: 'Latest orders' })
    .getByRole('link', { name: /^pizza/i })
    .click()
  await heading(page, 'Waiting for your payment')
  await page.goBack()
  await page.getByRole('link', { name: 'All orders' }).click()
  await heading(page, 'Your orders')
  await openRestaurant(page)
  await button(page, 'Add pizza').click()
  assert.equal(await page.getByLabel('Deliver to').inputValue(), '9 Garden Row')

  await page.getByRole('link', { name: 'Account', exact: true }).click()
  await button(page, 'Sign out of Presto').click()
  await page.getByLabel('Username').fill(user)
  assert.equal(new URL(page.url()).pathname, '/')
  await button(page, 'Continue').click()
  await page.getByRole('link', { name: 'Account', exact: true }).click()
  await heading(page, 'Your account')
  assert.notEqual(await address.inputValue(), '9 Garden Row', 'signing out forgets the address')
  await close(page)
})

test('two tabs share the cart', async () => {
  const user = customer('two-tabs')
  const page = await open('order_app', { user, path: '/restaurants/1' })
  await button(page, 'Add pizza').waitFor()
  const other = await page.context().newPage()
  await other.goto(page.url())
  await other.getByLabel('Username').fill(user)
  await button(other, 'Continue').click()
  await button(other, 'Add burger').click()
  await page.getByRole('group', { name: 'Quantity of burger' }).waitFor()
  await button(page, 'Add pizza').click()
  for (const tab of [page, other]) await tab.getByTestId('cart-total').getByText('$11.50').waitFor()
  await close(page)
})

test('a customer follows the driver on the map until the delivery', async () => {
  await forgetPositions()
  const user = customer('map-reader')
  const id = await place(user)
  await reach(id, 'validated')
  const page = await open('order_app', { user, path: `/orders/${id}` })
  await button(page, 'Pay $5.00').waitFor()
  assert.equal(await page.getByText('Where your order is').count(), 0)
  assert.equal(await pay(id), 200)
  await step(page, 'assigned', 'done')
  await page.getByText(/^Arriving around \d+:\d\d/).waitFor()
  const whereabouts = page.getByTestId('whereabouts')
  await whereabouts.getByText(/ has not sent a position yet\.$/).waitFor()
  const driver = await driverOf(id)
  await moveDriver(driver, { x: 60, y: 80 })
  await whereabouts.getByText(/ is on the way to Trattoria Presto\.$/).waitFor()
  await page.locator('[data-marker="driver"][data-x="60"][data-y="80"]').waitFor()
  const { tracking } = await graphql<{ tracking: Record<string, number>[] }>(
    'query ($id: String!) { tracking: order_tracking(where: {order_id: {_eq: $id}}) { restaurant_x restaurant_y destination_x destination_y } }',
    { id },
  )
  const { restaurant_x = 0, restaurant_y = 0, destination_x = 0, destination_y = 0 } = tracking[0] ?? {}
  await moveDriver(driver, { x: restaurant_x, y: restaurant_y })
  await whereabouts.getByText(/ is at Trattoria Presto\.$/).waitFor()
  await change(id, { food_picked: true })
  await heading(page, / is on the way to you$/)
  await whereabouts.getByText(/ has just left Trattoria Presto\.$/).waitFor()
  await moveDriver(driver, { x: destination_x, y: destination_y })
  await whereabouts.getByText(/ is near you\.$/).waitFor()

  // The other pages lead back to the order.
  await page.getByRole('link', { name: 'Restaurants', exact: true }).click()
  await page.getByRole('link', { name: /is on the way to you Follow your order/ }).click()
  await change(id, { delivered: true })
  await heading(page, 'Your order has been delivered')
  assert.equal(await page.getByText('Where your order is').count(), 0)
  await page.getByText('Enjoy your meal!').waitFor()
  await close(page)
})

test('a phone shows the button that pays without scrolling, and forced colours show what is chosen', async () => {
  const user = customer('forced-colours')
  const id = await place(user)
  await reach(id, 'validated')
  const page = await open('order_app', { user, path: `/orders/${id}`, size: 'phone' })
  await button(page, 'Pay $5.00').waitFor()
  const [pay, nav] = [
    await button(page, 'Pay $5.00').boundingBox(),
    await page.getByRole('navigation', { name: 'Main' }).boundingBox(),
  ]
  assert.ok(pay && nav)
  assert.ok(pay.y + pay.height <= nav.y, `the button ends at ${pay.y + pay.height}, above ${nav.y}`)

  // Backgrounds and shadows are removed; the state must be told by borders, outlines or system colours.
  await page.emulateMedia({ forcedColors: 'active' })
  const look = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const { backgroundColor, borderColor, outlineStyle, outlineColor } = getComputedStyle(element)
        return [backgroundColor, borderColor, outlineStyle, outlineColor].join(' ')
      })
  const isMarked = async (marked: string, other: string) =>
    assert.notEqual(await look(marked), await look(other), `${marked} looks like ${other}`)
  await isMarked('nav [aria-current]', 'nav :not([aria-current]):is(a)')
  await isMarked(
    '[data-step="paid"][data-state="current"] > :first-child',
    '[data-step="delivered"] > :first-child',
  )
  await page.goto(new URL('/orders', page.url()).href)
  await button(page, 'All 1').waitFor()
  await isMarked('button[aria-pressed="true"]', 'button[aria-pressed="false"]')
  await close(page)
})

test('no address is in the river of the map, and no restaurant', async () => {
  const places = await sql(
    `SELECT place.x, place.y FROM generate_series(1, 400) AS n, place_of('street ' || n) AS place
     UNION ALL SELECT x, y FROM restaurants UNION ALL SELECT * FROM place_of('12 Rainbow Road')`,
  )
  const page = await open('order_app')
  const nearest = await page.evaluate(
    ([river, places]) => {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
      path.setAttribute('d', river)
      const length = path.getTotalLength()
      const points = Array.from({ length: 1000 }, (_, n) => path.getPointAtLength((n * length) / 1000))
      const distances = places.flatMap(([x, y]) =>
        points.map((point) => Math.hypot(point.x - Number(x), point.y - Number(y))),
      )
      return distances.reduce((least, distance) => Math.min(least, distance), Infinity)
    },
    [RIVER, places] as const,
  )
  assert.equal(places.length, 400 + 6 + 1)
  // Half of the width of the river with its banks.
  assert.ok(nearest > 4.75, `${nearest} units from the middle of the river`)
  await close(page)
})

test('a rejected order shows the reason of the restaurant and the refund', async () => {
  const page = await open('order_app', { user: customer('too-late'), path: '/restaurants/2' })
  await button(page, 'Add lasagne').click()
  await button(page, 'Place order').click()
  await fillDemoCard(page)
  await button(page, 'Pay $9.80').click()
  await heading(page, 'Waiting for Casa Cura to confirm')
  await change(orderId(page), { rejected: true, close_reason: 'The oven is broken.' })
  await heading(page, 'Casa Cura couldn’t take your order')
  const alert = page.getByRole('alert')
  await alert.getByText('“The oven is broken.”').waitFor()
  await alert.getByText(/^Your payment of \$9\.80 was returned (at|on) /).waitFor()
  await page.getByText('−$9.80').waitFor()
  assert.equal(await button(page, 'Cancel this order').count(), 0)
  await button(page, 'Order again').click()
  assert.equal(await page.getByTestId('cart-total').textContent(), '$9.80')
  await close(page)
})

test('orders that expire say why: unpaid without a charge, unanswered with a refund', async () => {
  const user = customer('forgetful')
  const unpaid = await place(user)
  await reach(unpaid, 'validated')
  const page = await open('order_app', { user, path: `/orders/${unpaid}` })
  await page.getByText(/^Pay by .*; afterwards the order expires\.$/).waitFor()
  await expire(unpaid, 'pay_by', 'The order was not paid in time.')
  await heading(page, 'Your order has expired')
  await page.getByRole('alert').getByText('The order was not paid in time.').waitFor()
  await page.getByRole('alert').getByText('You have not been charged.').waitFor()
  assert.equal(await button(page, /^Pay/).count(), 0)

  const unanswered = await place(user, { restaurant: 2 })
  await reach(unanswered, 'validated')
  assert.equal(await pay(unanswered), 200)
  await page.goto(new URL(`/orders/${unanswered}`, page.url()).href)
  await heading(page, 'Waiting for Casa Cura to confirm')
  await expire(unanswered, 'answer_by', 'The restaurant did not answer in time.')
  await heading(page, 'Your order has expired')
  await page
    .getByRole('alert')
    .getByText(/^Your payment of \$5\.00 was returned (at|on) /)
    .waitFor()
  await close(page)
})

test('title and icon show the active order, and a hidden page notifies its changes', async () => {
  const user = customer('multitasker')
  const id = await place(user, { restaurant: 2 })
  await reach(id, 'validated')
  const page = await open('order_app', { user, path: `/orders/${id}` })
  await page.addInitScript(() => {
    const shown: string[] = []
    class Recorded extends EventTarget {
      static permission = 'granted'
      static requestPermission = () => Promise.resolve('granted')
      constructor(title: string) {
        super()
        shown.push(title)
      }
    }
    Object.assign(window, { Notification: Recorded, shown })
  })
  await page.reload()
  const shown = () => page.evaluate(() => (window as unknown as { shown: string[] }).shown)
  const icon = (name: string) =>
    page.locator(`link[rel="icon"][href="/icon-${name}.svg"]`).waitFor({ state: 'attached' })
  const setHidden = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await icon('action')
  // Only after a click, and only when the page is hidden.
  await button(page, 'Notify me').click()
  await button(page, 'Notifications are on').waitFor()
  assert.equal(await pay(id), 200)
  await heading(page, 'Waiting for Casa Cura to confirm')
  await icon('progress')
  assert.deepEqual(await shown(), [])
  await page.getByRole('link', { name: 'Orders', exact: true }).click()
  await page.waitForFunction(() => document.title === 'Waiting for Casa Cura to confirm · Your orders')

  await setHidden(true)
  await change(id, { rejected: true, close_reason: 'Closing early.' })
  await icon('closed')
  await page.waitForFunction(() => document.title === 'Casa Cura couldn’t take your order · Your orders')
  assert.deepEqual(await shown(), ['Casa Cura couldn’t take your order'])
  // What has been seen is not shown again.
  await setHidden(false)
  await page.waitForFunction(() => document.title === 'Your orders')
  await close(page)
})

test('Back and Forward return to the position on each page', async () => {
  const user = customer('scroller')
  const page = await open('order_app', { user, path: '/', size: 'phone' })
  const scrollTo = async (y: number) => {
    await page.evaluate((y) => window.scrollTo(0, y), y)
    // The event of the new position is dispatched before the next frame.
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    )
  }
  const isAt = (y: number) => page.waitForFunction((y) => Math.abs(window.scrollY - y) <= 1, y)
  await cards(page).nth(5).waitFor()
  await scrollTo(400)
  await page.getByRole('link', { name: 'Trattoria Presto' }).evaluate((link: HTMLElement) => link.click())
  await button(page, 'Add pizza').waitFor()
  await isAt(0)
  await scrollTo(250)
  await page.goBack()
  await cards(page).first().waitFor()
  await isAt(400)
  await page.goForward()
  await button(page, 'Add pizza').waitFor()
  await isAt(250)
  await close(page)
})
