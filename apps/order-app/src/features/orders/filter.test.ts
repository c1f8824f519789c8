import { expect, test } from 'vitest'

import { countByStatus, filterOf, filtered, summary } from './filter'

const orders = [
  { order_id: 'aa1', status: 'paid', items: [{ item: 'pizza' }] },
  { order_id: 'bb2', status: 'validated', items: [{ item: 'Burger' }] },
  { order_id: 'cc3', status: 'paid', items: [{ item: 'idli' }, { item: 'burger' }], restaurant: 'Casa Cura' },
]
const ids = (found: readonly { order_id: string }[]) => found.map(({ order_id }) => order_id)

test('counts contain only existing statuses, in life cycle order', () => {
  expect([...countByStatus(orders)]).toEqual([
    ['validated', 1],
    ['paid', 2],
  ])
})

test('a filter keeps the sort order', () => {
  expect(ids(filtered(orders, 'paid'))).toEqual(['aa1', 'cc3'])
  expect(filtered(orders, 'all')).toBe(orders)
  expect(filtered(orders, 'delivered')).toEqual([])
})

test('a search finds dishes, the restaurant and the start of the number', () => {
  expect(ids(filtered(orders, 'all', 'casa'))).toEqual(['cc3'])
  expect(ids(filtered(orders, 'all', ' burger '))).toEqual(['bb2', 'cc3'])
  expect(ids(filtered(orders, 'paid', 'BURGER'))).toEqual(['cc3'])
  expect(ids(filtered(orders, 'all', '#aa'))).toEqual(['aa1'])
})

test('an unknown filter in the address shows all orders', () => {
  expect(['paid', 'nonsense', null].map(filterOf)).toEqual(['paid', 'all', 'all'])
})

test('quantity 1 is omitted', () => {
  expect(
    summary([
      { item: 'pizza', quantity: 2 },
      { item: 'burger', quantity: 1 },
    ]),
  ).toBe('2 × pizza, burger')
})
