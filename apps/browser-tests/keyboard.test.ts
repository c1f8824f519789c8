// The work of each role with the keyboard only: no test of this file clicks or touches. The focus is visible and is never lost.
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { driverOf, finishDeliveries, setAutoAccept, setAvailable, sql } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { button } from './harness/elements.ts'
import { assertFocusKept, press, tabTo, type } from './harness/keyboard.ts'
import { orderId } from './harness/shop.ts'
import { ordered, place, reach, until } from './harness/stack.ts'

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 }).waitFor()
/** Entry of the navigation. */
const entry = (page: Page, name: string | RegExp) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true })

/** Lets the time pass in which a step can be undone, and waits for its effect. */
async function sent(page: Page, effect: () => Promise<void>): Promise<void> {
  await page.clock.fastForward(2_000)
  await effect()
  await assertFocusKept(page, 'the end of a step')
}

test('a customer signs in, chooses, orders, pays, follows and cancels', async () => {
  const page = await open('order_app')
  await type(page.getByLabel('Username'), customer('typist'))
  await page.keyboard.press('Enter')
  await heading(page, 'What would you like?')
  await assertFocusKept(page, 'the sign-in')

  await press(page.getByRole('link', { name: 'Casa Cura', exact: true }))
  await heading(page, 'Casa Cura')
  await press(button(page, 'Add lasagne'))
  // The focus is in the control that replaces the button.
  const quantity = page.getByRole('group', { name: 'Quantity of lasagne' })
  await quantity.locator(':focus').waitFor()
  await press(quantity.getByRole('button', { name: 'Add one' }))
  await page.getByTestId('cart-total').getByText('$19.60').waitFor()
  await press(quantity.getByRole('button', { name: 'Remove one' }))
  await press(quantity.getByRole('button', { name: 'Remove one' }))
  await press(button(page, 'Add lasagne'))
  await press(button(page, 'Place order'))

  await heading(page, 'Waiting for your payment')
  const id = orderId(page)
  await press(button(page, 'Use a demo card'))
  await press(button(page, /Valid card/))
  await press(button(page, 'Pay $9.80'))
  await heading(page, 'Waiting for Casa Cura to confirm')
  await assertFocusKept(page, 'the payment')

  await press(entry(page, 'Orders'))
  await heading(page, 'Your orders')
  await press(page.locator(`[data-order="${id}"]`).getByRole('link'))
  await heading(page, 'Waiting for Casa Cura to confirm')
  await press(button(page, 'Cancel this order'))
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator(':focus').getByText('Cancel this order').waitFor()
  await page.keyboard.press('Enter')
  await press(button(page, 'Cancel the order'))
  await heading(page, 'You cancelled this order')
  await assertFocusKept(page, 'the cancellation')
  await press(button(page, 'Order again'))
  await heading(page, 'Casa Cura')
  await press(entry(page, 'Account'))
  await heading(page, 'Your account')
  await type(page.getByLabel('Address', { exact: true }), ' 2')
  await page.keyboard.press('Enter')
  await page.getByText('Address saved.').waitFor()
  await press(page.getByRole('radio', { name: 'Same as system' }), 'Space')
  await press(button(page, 'Sign out of Presto'))
  await page.getByLabel('Username').waitFor()
  await assertFocusKept(page, 'the sign-out')
  await close(page)
})

test('a restaurant accepts an order, and rejects another one with a reason', async () => {
  const user = customer('quiet-table')
  const [first, second] = [await ordered(user, 2), await ordered(user, 2)]
  const page = await open('analytics_app', { user: 'restaurant-2' })
  await page.clock.install()
  await press(button(page, `Accept: order ${first.slice(0, 8)}`))
  await sent(page, () => reach(first, 'assigned'))
  await page.locator(`[data-order="${first}"]`).getByText('Driver assigned').waitFor()

  await press(button(page, `Reject: order ${second.slice(0, 8)}`))
  const dialog = page.getByRole('dialog')
  await press(dialog.getByLabel('Out of stock'), 'Space')
  await type(dialog.getByLabel(/^Details for the customer/), 'no basil')
  await press(dialog.getByRole('button', { name: /^Reject/ }))
  await sent(page, () => reach(second, 'rejected'))
  await page.locator(`[data-order="${second}"]`).getByText('Out of stock: no basil').waitFor()

  await press(button(page, 'Pause orders'))
  await press(page.getByRole('dialog').getByRole('button', { name: 'Cancel' }))
  await close(page)
})

test('a driver accepts, picks up, delivers, and reports a problem', async () => {
  const driver = 48
  await finishDeliveries()
  await setAvailable([driver])
  await setAutoAccept([driver], false)
  try {
    const user = customer('far-flat')
    const [first, second] = [await ordered(user, 1), await ordered(user, 1)]
    for (const id of [first, second]) await driverOf(id)
    const page = await open('analytics_app', { user: `driver-${driver}`, size: 'phone' })
    await page.clock.install()
    const step = (verb: string, id: string) => button(page, `${verb}: order ${id.slice(0, 8)}`)
    for (const id of [first, second]) {
      await press(step('Accept', id))
      await sent(page, () => step('Mark as picked up', id).waitFor())
      await press(step('Mark as picked up', id))
      await sent(page, () => reach(id, 'picked_up'))
    }
    await press(step('Mark as delivered', first))
    await sent(page, () => reach(first, 'delivered'))
    await press(step('Problem', second))
    const dialog = page.getByRole('dialog')
    await press(dialog.getByLabel('Customer not reachable'), 'Space')
    await press(dialog.getByRole('button', { name: /^Report/ }))
    await sent(page, () => reach(second, 'failed'))

    await press(entry(page, 'Today'))
    await heading(page, 'Today')
    await page.getByRole('list', { name: 'Ended deliveries' }).locator(`[data-order="${second}"]`).waitFor()
    await press(entry(page, 'Deliveries'))
    await press(page.getByLabel('Share my position'), 'Space')
    await tabTo(page.getByRole('switch', { name: /: On duty$/ }))
    await close(page)
  } finally {
    await setAutoAccept([driver], true)
    await setAvailable()
  }
})

test('a manager searches an order, reads its details and redelivers its event', async () => {
  const user = customer('lost-order')
  const id = await place(user)
  await reach(id, 'validated')
  const failed = `trigger_name = 'validate-order' AND payload #>> '{data,new,order_id}' = '${id}'`
  let event = ''
  await until('the event is given up', async () => {
    const [given] = await sql(
      `UPDATE hdb_catalog.event_log SET delivered = false, error = true, tries = 9 WHERE delivered AND ${failed} RETURNING id`,
    )
    event = given?.[0] ?? ''
    return event !== ''
  })
  const page = await open('analytics_app')
  await press(entry(page, 'Orders'))
  await heading(page, 'Orders')
  await type(page.getByLabel('Search'), user)
  await press(page.locator(`[data-order="${id}"]`).getByRole('link'))
  await heading(page, `Order ${id.slice(0, 8)}`)
  await page.getByText('Validation: validated').waitFor()
  await press(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Needs attention/ }))
  await heading(page, 'Needs attention')
  await press(button(page, `Redeliver event ${event}`))
  await page.locator(`[data-event="${event}"]`).waitFor({ state: 'detached' })
  await assertFocusKept(page, 'the redelivery')
  await close(page)
})
