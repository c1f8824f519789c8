import { expect, test } from 'vitest'

import { doneCount, headline, lifecycle, upTo, type Lifecycle } from './lifecycle'

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

test('the first step of a new order is current', () => {
  expect(states(placed)).toEqual(['current', 'todo', 'todo', 'todo', 'todo', 'todo'])
  expect(headline(placed)).toBe('Checking your order')
})

test('a closed order has failed at its next step', () => {
  const cancelled = { ...placed, order_valid: true, status: 'cancelled' }
  expect(states(cancelled)).toEqual(['done', 'failed', 'todo', 'todo', 'todo', 'todo'])
  expect(headline(cancelled)).toBe('You cancelled this order')
  expect(headline({ ...cancelled, status: 'expired' })).toBe('Your order has expired')
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
  expect(states(order)).toEqual(Array(6).fill('done'))
  expect(headline(order)).toBe('Delivered')
})

test('the check of a refused order has failed, and no step is current', () => {
  const refused = { ...placed, problem: 'blue soup is not on the menu.' }
  expect(states(refused)).toEqual(['failed', 'todo', 'todo', 'todo', 'todo', 'todo'])
  expect(headline(refused)).toBe('Your order was refused')
})

test('the check of an order that is already paid stays current', () => {
  expect(states({ ...placed, payment_valid: true })).toEqual([
    'current',
    'done',
    'todo',
    'todo',
    'todo',
    'todo',
  ])
})

test('steps that are done faster than they can be read are presented one after the other', () => {
  const assigned = lifecycle({
    ...placed,
    order_valid: true,
    payment_valid: true,
    approved: true,
    driver_assigned: true,
  })
  expect(doneCount(assigned)).toBe(4)
  expect(upTo(assigned, 2).map(({ state }) => state)).toEqual([
    'done',
    'done',
    'current',
    'todo',
    'todo',
    'todo',
  ])
  expect(upTo(assigned, 4)).toBe(assigned)
})
