import { expect, test } from 'vitest'

import { countByStatus, filtered, summary } from './filter'

const orders = [
  { id: 1, status: 'paid' },
  { id: 2, status: 'validated' },
  { id: 3, status: 'paid' },
]

test('counts name only what is there, in the order of an order’s life', () => {
  expect([...countByStatus(orders)]).toEqual([
    ['validated', 1],
    ['paid', 2],
  ])
})

test('a filter keeps the order of the orders', () => {
  expect(filtered(orders, 'paid').map((order) => order.id)).toEqual([1, 3])
  expect(filtered(orders, 'all')).toBe(orders)
  expect(filtered(orders, 'delivered')).toEqual([])
})

test('one of a dish needs no number', () => {
  expect(
    summary([
      { item: 'pizza', quantity: 2 },
      { item: 'burger', quantity: 1 },
    ]),
  ).toBe('2 × pizza, burger')
})
