import { expect, test } from 'vitest'

import { grouped } from './groups'

test('orders in progress come first, then the others by day', () => {
  const order = (id: number, status: string, created: string) => ({ id, status, created })
  const rows = grouped(
    [
      order(1, 'delivered', '3'),
      order(2, 'paid', '2'),
      order(3, 'refused', '2'),
      order(4, 'delivered', '2'),
      order(5, 'validated', '1'),
      order(6, 'cancelled', '1'),
    ],
    (created) => `day ${created}`,
  )
  expect(rows.map(({ order, heading }) => [order.id, heading])).toEqual([
    [2, 'In progress'],
    [5, undefined],
    [1, 'day 3'],
    [3, 'day 2'],
    [4, undefined],
    [6, 'day 1'],
  ])
})
