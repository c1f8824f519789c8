import { expect, test } from 'vitest'

import { NOTHING_SEEN, changedOrders, iconOf, remembered, shownOrder } from './changes'

const order = (order_id: string, status: string) => ({ order_id, status })

test('the first result and new orders are not changes', () => {
  expect(changedOrders(NOTHING_SEEN, [order('a', 'paid')])).toEqual([])
  const memory = remembered(NOTHING_SEEN, [order('a', 'paid')], false)
  const next = [order('b', 'placed'), order('a', 'approved')]
  expect(changedOrders(memory, next)).toEqual([order('a', 'approved')])
  expect(changedOrders(remembered(memory, next, false), next)).toEqual([])
})

test('an order that ended while the page was hidden is shown until it has been seen', () => {
  const before = remembered(NOTHING_SEEN, [order('a', 'picked_up')], true)
  const orders = [order('a', 'delivered')]
  const hidden = remembered(before, orders, true)
  expect(shownOrder(orders, hidden.unseen)).toEqual(order('a', 'delivered'))
  expect(remembered(hidden, orders, true).unseen).toEqual(hidden.unseen)
  const seen = remembered(hidden, orders, false)
  expect(shownOrder(orders, seen.unseen)).toBeUndefined()
})

test('the newest order in progress is shown', () => {
  const orders = [order('c', 'cancelled'), order('b', 'paid'), order('a', 'picked_up')]
  expect(shownOrder(orders, new Set())).toEqual(order('b', 'paid'))
})

test('each kind of status has its icon', () => {
  const statuses = [undefined, 'validated', 'placed', 'picked_up', 'delivered', 'rejected', 'refused']
  expect(statuses.map(iconOf)).toEqual([
    'default',
    'action',
    'progress',
    'progress',
    'done',
    'closed',
    'closed',
  ])
})
