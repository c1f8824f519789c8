// Restaurants that accept, reject or do not answer orders.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { passDeadline } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { giveReason, refunded } from './harness/closing.ts'
import { customer } from './harness/customers.ts'
import { takeStep } from './harness/dashboard.ts'
import { button, card, focused } from './harness/elements.ts'
import { ordered, reach, statusOf, until } from './harness/stack.ts'

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
