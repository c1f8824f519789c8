import { ALL_STATUSES } from '@threefactor/shared'
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
})

test('a closed order has failed at its next step', () => {
  const cancelled = { ...placed, order_valid: true, status: 'cancelled' }
  expect(states(cancelled)).toEqual(['done', 'failed', 'todo', 'todo', 'todo', 'todo'])
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
})

test('the check of a refused order has failed, and no step is current', () => {
  const refused = { ...placed, problem: 'blue soup is not on the menu.' }
  expect(states(refused)).toEqual(['failed', 'todo', 'todo', 'todo', 'todo', 'todo'])
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

test('the headline names restaurant and driver as soon as they are known', () => {
  const names = { restaurant: 'Casa Cura', driver: 'Ada' }
  expect(
    ['paid', 'approved', 'assigned', 'picked_up', 'rejected'].map((status) => headline(status, names)),
  ).toEqual([
    'Waiting for Casa Cura to confirm',
    'Casa Cura is preparing your order',
    'Ada is picking up your order',
    'Ada is on the way to you',
    'Casa Cura couldn’t take your order',
  ])
  expect(['approved', 'picked_up'].map((status) => headline(status))).toEqual([
    'The restaurant is preparing your order',
    'Your order is on the way to you',
  ])
})

test('every status has a headline of its own, also one that a newer database added', () => {
  const headlines = ALL_STATUSES.map((status) => headline(status))
  expect(new Set(headlines).size).toBe(ALL_STATUSES.length)
  expect([headline(null), headline('something-new')]).toEqual(['Checking your order', 'Your order'])
})
