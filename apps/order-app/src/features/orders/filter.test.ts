import { expect, test } from 'vitest'

import { countByStatus, filtered, summary } from './filter'

const orders = [
  { id: 1, status: 'paid' },
  { id: 2, status: 'validated' },
  { id: 3, status: 'paid' },
]

test('counts contain only existing statuses, in life cycle order', () => {
  expect([...countByStatus(orders)]).toEqual([
    ['validated', 1],
    ['paid', 2],
  ])
})

test('a filter keeps the sort order', () => {
  expect(filtered(orders, 'paid').map((order) => order.id)).toEqual([1, 3])
  expect(filtered(orders, 'all')).toBe(orders)
  expect(filtered(orders, 'delivered')).toEqual([])
})

test('quantity 1 is omitted', () => {
  expect(
    summary([
      { item: 'pizza', quantity: 2 },
      { item: 'burger', quantity: 1 },
    ]),
  ).toBe('2 × pizza, burger')
})
