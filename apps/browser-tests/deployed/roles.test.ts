// The deployed apps, for a customer, a restaurant, a driver and a manager. `cargo xtask test` runs this file against a stack on an AWS
// emulator; SIGN_IN states whether users sign in at an identity provider or by name.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { close, open } from '../harness/browser.ts'
import { takeStep } from '../harness/dashboard.ts'
import { fillDemoCard } from '../harness/payment.ts'
import { openRestaurant } from '../harness/shop.ts'
import { graphql } from '../harness/stack.ts'

const byName = process.env.SIGN_IN === 'name'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const card = (page: Page, list: string, id: string) =>
  page.getByRole('list', { name: list }).locator(`[data-order="${id}"]`)
const step = (page: Page, name: string, state: string) =>
  page.locator(`[data-step="${name}"][data-state="${state}"]`).waitFor()

async function signIn(page: Page, name: string): Promise<void> {
  if (byName) {
    await page.getByLabel('Username').fill(name)
    await button(page, 'Continue').click()
    return
  }
  await button(page, 'Continue to sign in').click()
  await page.getByRole('heading', { name: 'Provider' }).waitFor()
  await page.getByLabel('Account').fill(name)
  await button(page, 'Sign in').click()
}

async function staff(name: string): Promise<Page> {
  const page = await open('analytics_app', { signedIn: false })
  await signIn(page, name)
  return page
}

test('an order passes through all roles, each of which sees its own part', async () => {
  const customer = await open('order_app')
  await signIn(customer, 'alice')
  await openRestaurant(customer, 'Casa Cura')
  await button(customer, 'Add pizza').click()
  await customer.getByLabel('Deliver to').fill('5 Harbour View')
  await button(customer, 'Place order').click()
  await step(customer, 'paid', 'current')
  const id = customer.url().split('/').at(-1) ?? ''
  await fillDemoCard(customer)
  await button(customer, 'Pay $5.00').click()
  await step(customer, 'approved', 'current')

  const restaurant = await staff('restaurant-2')
  await card(restaurant, 'New orders', id).getByText('pizza').waitFor()
  const otherRestaurant = await staff('restaurant-1')
  await otherRestaurant.getByText('No new orders').waitFor()
  await takeStep(button(restaurant, `Accept: order ${id.slice(0, 8)}`))
  await step(customer, 'assigned', 'done')

  const { assignment } = await graphql<{ assignment: { driver_id: number }[] }>(
    'query ($id: String!) { assignment(where: { order_id: { _eq: $id } }) { driver_id } }',
    { id },
  )
  const driverId = assignment[0]?.driver_id
  const driver = await staff(`driver-${String(driverId)}`)
  await card(driver, 'Ready for pick-up', id).getByText('5 Harbour View').waitFor()
  const otherDriver = await staff(driverId === 1 ? 'driver-2' : 'driver-1')
  await otherDriver.getByRole('heading', { name: /^Hello/ }).waitFor()
  assert.equal(await otherDriver.locator(`[data-order="${id}"]`).count(), 0)
  await takeStep(card(driver, 'Ready for pick-up', id).getByRole('button', { name: /^Mark/ }))
  await takeStep(card(driver, 'On the way', id).getByRole('button', { name: /^Mark/ }))
  await step(customer, 'delivered', 'done')

  const manager = await staff('manager')
  await manager.getByRole('heading', { name: 'Overview' }).waitFor()
  await card(manager, 'Newest orders', id).getByText('alice').waitFor()

  const stranger = await open('order_app', { path: `/orders/${id}` })
  await signIn(stranger, 'mallory')
  await stranger.getByText('Order not found').waitFor()
  await close(customer, restaurant, otherRestaurant, driver, otherDriver, manager, stranger)
})

test('accounts of another app are refused, and can be exchanged', async () => {
  const page = await open('order_app')
  await signIn(page, 'manager')
  await page.getByText('“manager” is a staff account. Sign in to the dashboard with it.').waitFor()
  await signIn(page, 'alice')
  await page.getByRole('heading', { name: 'What would you like?' }).waitFor()
  await close(page)
})

test('a session survives a reload and ends with sign-out', async () => {
  const page = await open('order_app', { path: '/orders' })
  await signIn(page, 'bob')
  await page.getByText('No orders yet').waitFor()
  assert.equal(new URL(page.url()).search, '', 'the response of the provider is removed from the address')
  await page.reload()
  await page.getByText('No orders yet').waitFor()
  // The provider sends the user back, and the app starts again.
  const back = byName
    ? undefined
    : page.waitForResponse((response) => response.url().endsWith('/config.json'))
  await button(page, 'Sign out').click()
  await back
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
  await close(page)
})
