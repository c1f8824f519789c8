// The menu and the opening hours of a restaurant.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { openAlways } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { button, focused } from './harness/elements.ts'
import { graphql, place, reach } from './harness/stack.ts'

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
