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

test('a new order is placed and being checked', () => {
  expect(states(placed)).toEqual(['done', 'current', 'todo', 'todo', 'todo', 'todo', 'todo'])
})

test('each column of the row moves it one step on', () => {
  const order = { ...placed }
  const seen = [current(order)]
  for (const column of [
    'order_valid',
    'payment_valid',
    'approved',
    'driver_assigned',
    'food_picked',
    'delivered',
  ] as const) {
    order[column] = true
    seen.push(current(order))
  }
  expect(seen).toEqual(['validated', 'paid', 'approved', 'assigned', 'picked_up', 'delivered', undefined])
  expect(states(order)).toEqual(Array(7).fill('done'))
})

test('a refused order failed where it was checked, and nothing is current', () => {
  const refused = { ...placed, problem: 'There is no "blue soup" on the menu.' }
  expect(states(refused)).toEqual(['done', 'failed', 'todo', 'todo', 'todo', 'todo', 'todo'])
})

test('an order that was paid before it was checked is still being checked', () => {
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
