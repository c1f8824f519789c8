// Sign-in, and the pages of each role.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { finishDeliveries, setAvailable } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { takeStep } from './harness/dashboard.ts'
import { button, card } from './harness/elements.ts'
import { addresses, graphql, pay, place, reach, tokenOf, until } from './harness/stack.ts'

const secured = { skip: addresses.admin_secret_file === null ? 'the stack is in open mode' : false }

test('a manager signs in with the keyboard and signs out', async () => {
  const page = await open('analytics_app', { signedIn: false })
  await page.getByLabel('Username').focus()
  await page.keyboard.type('manager')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByRole('link', { name: 'Availability' }).click()
  await button(page, 'Sign out').click()
  await page.getByRole('heading', { name: 'Presto for staff' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
  assert.equal(await page.getByRole('navigation').count(), 0)
  await close(page)
})

test('accounts of other roles and invalid names are refused with a message', async () => {
  const staff = await open('analytics_app', { signedIn: false })
  const name = staff.getByLabel('Username')
  await name.fill('alice')
  await button(staff, 'Continue').click()
  await staff.getByText('“alice” is a customer account. Sign in with a staff account.').waitFor()
  assert.equal(await name.getAttribute('aria-invalid'), 'true')
  await name.fill('driver-9999')
  await button(staff, 'Continue').click()
  await staff.getByText('This name is reserved for staff, and there is no such account.').waitFor()
  const shop = await open('order_app')
  await shop.getByLabel('Username').fill('manager')
  await button(shop, 'Continue').click()
  await shop.getByText('“manager” is a staff account. Sign in to the dashboard with it.').waitFor()
  await shop.getByLabel('Username').fill('two words')
  await button(shop, 'Continue').click()
  await shop.getByText(/^Use lowercase letters/).waitFor()
  await shop.getByLabel('Username').fill('  ')
  await button(shop, 'Continue').click()
  await shop.getByText('Enter a name.').waitFor()
  await close(staff, shop)
})

test('a restaurant approves its own orders and closes', async () => {
  const user = customer('guest')
  const id = await place(user, { restaurant: 2 })
  await reach(id, 'validated')
  assert.equal(await pay(id), 200)
  const page = await open('analytics_app', { signedIn: false })
  await button(page, 'Casa Cura, a restaurant').click()
  await page.getByRole('heading', { name: 'Casa Cura', level: 1 }).waitFor()
  const waiting = card(page, 'New orders', id)
  await waiting.getByText('pizza').waitFor()
  // Neither the customer nor the address is shown.
  assert.doesNotMatch((await page.textContent('body')) ?? '', new RegExp(`${user}|1 Test Street`))

  const other = await open('analytics_app', { user: 'restaurant-1' })
  await other.getByText('No new orders').waitFor()

  await takeStep(button(page, `Accept: order ${id.slice(0, 8)}`))
  await waiting.waitFor({ state: 'detached' })
  await reach(id, 'assigned')
  await card(page, 'In preparation', id).getByText('Driver assigned').waitFor()
  assert.equal(await other.locator(`[data-order="${id}"]`).count(), 0)

  const isOpen = page.getByRole('switch', { name: 'Casa Cura: Open' })
  try {
    await isOpen.press('Space')
    await page.getByText('Closed: new orders are refused').waitFor()
    await reach(await place(customer('late-guest'), { restaurant: 2 }), 'refused')
    await isOpen.press('Space')
    await page.getByText('Open, confirms orders manually').waitFor()
  } finally {
    await graphql('mutation { update_restaurants_by_pk(pk_columns: {id: 2}, _set: {open: true}) { id } }')
  }
  await close(page, other)
})

test('a driver picks up and delivers the own orders', async () => {
  // Otherwise those of the other drivers, which end their duty, would be assigned to this one.
  await finishDeliveries()
  await setAvailable([50])
  try {
    const driver = await open('analytics_app', { user: 'driver-50', size: 'phone' })
    await driver.getByRole('heading', { name: 'Hello, Zoe' }).waitFor()
    const other = await open('analytics_app', { user: 'driver-49' })
    await other.getByText('No orders ready for pick-up').waitFor()

    const id = await place(customer('hungry'))
    await reach(id, 'validated')
    assert.equal(await pay(id), 200)
    const ready = card(driver, 'Ready for pick-up', id)
    await ready.getByText('1 Test Street').waitFor()
    await ready.getByText(/^Ready by \d+:\d\d/).waitFor()
    await takeStep(ready.getByRole('button', { name: /^Mark/ }))
    await takeStep(card(driver, 'On the way', id).getByRole('button', { name: /^Mark/ }))
    await card(driver, 'On the way', id).waitFor({ state: 'detached' })
    await reach(id, 'delivered')
    assert.equal(await other.locator(`[data-order="${id}"]`).count(), 0)

    // What has ended is in the history of the day, with its totals.
    await driver.getByRole('link', { name: 'Today' }).click()
    await card(driver, 'Ended deliveries', id).getByText('Delivered').waitFor()
    const figure = (name: string) => driver.locator(`[data-figure="${name}"] dd`).first().textContent()
    await until('the totals are loaded', async () => /^[1-9]\d*$/.test((await figure('Deliveries')) ?? ''))
    assert.match((await figure('Distance')) ?? '', /^\d+\.\d km$/)
    assert.match((await figure('Pick-up to delivery')) ?? '', /^\d+ min$/)
    assert.doesNotMatch((await driver.textContent('main')) ?? '', /1 Test Street/)
    await driver.getByRole('link', { name: 'Deliveries' }).click()

    await driver.getByRole('switch', { name: 'Zoe: On duty' }).press('Space')
    await button(driver, 'Go off duty').click()
    await driver.getByText('Off duty: you get no new orders.').waitFor()
    await until('Zoe is not available in the database', async () => {
      const { zoe } = await graphql<{ zoe: { available: boolean } }>(
        '{ zoe: drivers_by_pk(id: 50) { available } }',
      )
      return !zoe.available
    })
    await close(driver, other)
  } finally {
    await setAvailable()
  }
})

test('a session that the backend does not accept ends with a message', secured, async () => {
  const user = customer('forger')
  const valid = await tokenOf(user)
  // The last character of a signature of 256 bytes holds padding bits; this one does not.
  const forged = valid.slice(0, -10) + (valid.at(-10) === 'A' ? 'B' : 'A') + valid.slice(-9)
  const page = await open('order_app', { token: forged })
  await page.getByText('Your session is no longer valid. Please sign in again.').waitFor()
  await page.getByLabel('Username').fill(user)
  await button(page, 'Continue').click()
  await page.getByRole('heading', { name: 'What would you like?' }).waitFor()
  await close(page)
})

test('another user of the same tab gets another socket', secured, async () => {
  const [first, second] = [customer('patient-guest'), customer('second-guest')]
  const page = await open('order_app', { user: first, path: '/orders' })
  await page.getByText('No orders yet').waitFor()
  const requests: string[] = []
  page.on('websocket', (socket) => requests.push(socket.url()))
  await button(page, 'Sign out').click()
  await page.getByLabel('Username').fill(second)
  await button(page, 'Continue').click()
  await page.getByRole('link', { name: 'Orders' }).click()
  await page.getByText('No orders yet').waitFor()
  await place(first)
  const own = await place(second)
  await page.locator(`[data-order="${own}"]`).waitFor()
  await button(page, 'All 1').waitFor()
  assert.ok(requests.length > 0, 'the socket was replaced')
  assert.equal(await page.getByText('Connection lost').count(), 0)
  await close(page)
})
