import { expect, test } from 'vitest'

import { lifecycle, type Lifecycle } from './lifecycle'

const placed: Lifecycle = {
  order_valid: false,
  payment_valid: null,
  approved: false,
  driver_assigned: false,
  food_picked: false,
  delivered: false,
  problem: null,
}
const states = (order: Lifecycle) => lifecycle(order).map(({ state }) => state)
const current = (order: Lifecycle) => lifecycle(order).find(({ state }) => state === 'current')?.key

test('a new order is placed, and its check is current', () => {
  expect(states(placed)).toEqual(['done', 'current', 'todo', 'todo', 'todo', 'todo', 'todo'])
})

test('each column advances the order by one step', () => {
  const order = { ...placed }
  const reached = [current(order)]
  for (const column of [
    'order_valid',
    'payment_valid',
    'approved',
    'driver_assigned',
    'food_picked',
    'delivered',
  ] as const) {
    order[column] = true
    reached.push(current(order))
  }
  expect(reached).toEqual(['validated', 'paid', 'approved', 'assigned', 'picked_up', 'delivered', undefined])
  expect(states(order)).toEqual(Array(7).fill('done'))
})

test('the check of a refused order has failed, and no step is current', () => {
  const refused = { ...placed, problem: 'blue soup is not on the menu.' }
  expect(states(refused)).toEqual(['done', 'failed', 'todo', 'todo', 'todo', 'todo', 'todo'])
})

test('the check of an order that is already paid stays current', () => {
  expect(states({ ...placed, payment_valid: true })).toEqual([
    'done',
    'current',
    'done',
    'todo',
    'todo',
    'todo',
    'todo',
  ])
})
