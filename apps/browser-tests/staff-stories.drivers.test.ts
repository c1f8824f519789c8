// Drivers that accept, decline and fail deliveries, and orders without a driver.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { driverOf, finishDeliveries, passDeadline, setAutoAccept, setAvailable } from './harness/admin.ts'
import { close, open } from './harness/browser.ts'
import { giveReason, refunded } from './harness/closing.ts'
import { customer } from './harness/customers.ts'
import { takeStep } from './harness/dashboard.ts'
import { button, card } from './harness/elements.ts'
import { graphql, ordered, reach, until } from './harness/stack.ts'

async function closeReason(id: string): Promise<string | null> {
  const { order } = await graphql<{ order: { close_reason: string | null } }>(
    'query ($id: String!) { order: orders_by_pk(order_id: $id) { close_reason } }',
    { id },
  )
  return order.close_reason
}

test('a declined order is offered to the next driver, and a failed delivery is refunded', async () => {
  const drivers = [49, 50]
  await finishDeliveries()
  await setAvailable(drivers)
  await setAutoAccept(drivers, false)
  try {
    const id = await ordered(customer('far-away'), 1)
    const first = await driverOf(id)
    const second = drivers.find((driver) => driver !== first) ?? 0
    const pages = [
      await open('analytics_app', { user: `driver-${first}`, size: 'phone' }),
      await open('analytics_app', { user: `driver-${second}`, size: 'phone' }),
    ] as const
    const offer = card(pages[0], 'Offers', id)
    await offer.getByText(/left$/).waitFor()
    await pages[1].getByText('No offers').waitFor()
    await takeStep(offer.getByRole('button', { name: /^Decline/ }))
    await offer.waitFor({ state: 'detached' })
    assert.equal(await driverOf(id, [first]), second)

    const driver = pages[1]
    await takeStep(card(driver, 'Offers', id).getByRole('button', { name: /^Accept/ }))
    await driver.getByRole('switch', { name: 'Share my position' }).press('Space')
    await button(driver, 'At Trattoria Presto').click()
    await driver.getByText(/^Updated/).waitFor()
    await takeStep(card(driver, 'Ready for pick-up', id).getByRole('button', { name: /^Mark/ }))
    // The stop is the address now; a touch of the map sets any other point.
    await button(driver, 'At 1 Test Street').waitFor()
    const map = driver.getByRole('img', { name: 'Map with 1 stop and your position' })
    const box = await map.boundingBox()
    assert.ok(box)
    // The map shows 108 × 110 units, of which four and six are in front of the city.
    await map.click({ position: { x: (box.width * 29) / 108, y: (box.height * 56) / 110 } })
    await until('the position is stored', async () => {
      const { at } = await graphql<{ at: { x: number; y: number } | null }>(
        'query ($id: Int!) { at: driver_positions_by_pk(driver_id: $id) { x y } }',
        { id: second },
      )
      return at !== null && Math.abs(at.x - 25) < 1 && Math.abs(at.y - 50) < 1
    })
    await card(driver, 'On the way', id)
      .getByRole('button', { name: /^Problem/ })
      .click()
    await giveReason(driver, 'Customer not reachable', 'rang twice', 'Report')
    await card(driver, 'On the way', id).waitFor({ state: 'detached' })
    await reach(id, 'failed')
    assert.equal(await closeReason(id), 'Customer not reachable: rang twice')
    await driver.getByRole('link', { name: 'Today' }).click()
    await card(driver, 'Ended deliveries', id).getByText('Customer not reachable: rang twice').waitFor()
    await refunded(id)
    await close(...pages)
  } finally {
    await setAutoAccept(drivers, true)
    await setAvailable()
  }
})

test('an order without a driver needs attention, and expires with a refund', async () => {
  const user = customer('unassigned')
  const manager = await open('analytics_app', { path: `/orders?search=${user}` })
  await manager.getByText('No orders match').waitFor()
  await finishDeliveries()
  await setAvailable([])
  try {
    const id = await ordered(user, 1)
    await card(manager, 'Orders', id).getByText('Approved').waitFor()
    await passDeadline(id, 'assign_by')
    await reach(id, 'expired')
    await card(manager, 'Orders', id).getByText('Expired').waitFor()
    await refunded(id)
  } finally {
    await setAvailable()
  }
  await close(manager)
})
