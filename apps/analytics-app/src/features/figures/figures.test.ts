import { expect, test } from 'vitest'

import { tilesOf, type Figures } from './figures'

const figures: Figures = {
  restaurant_id: null,
  restaurant: null,
  orders: 8,
  paid: 6,
  delivered: 3,
  cancelled: 1,
  rejected: 1,
  expired: 0,
  failed: 1,
  refused: 1,
  revenue: 3600,
  refunded: 1100,
  average_total: 600,
  median_ms: 95_000,
  p99_ms: 754_000,
}

test('the tiles show net revenue, times and the orders that were not accepted', () => {
  const tiles = Object.fromEntries(tilesOf(figures).map(({ name, value, detail }) => [name, [value, detail]]))
  expect(tiles).toEqual({
    Revenue: ['$25.00', 'from 6 paid'],
    Orders: ['8', '3 delivered'],
    'Average order': ['$6.00', 'per paid order'],
    'Placed to delivered': ['1 min 35 s', '99th percentile 12 min 34 s'],
    'Not accepted': ['2', '1 refused, 1 rejected'],
    Refunded: ['$11.00', '1 cancelled, 0 expired, 1 not delivered'],
  })
})

test('without orders there are no averages, and before the figures arrive no values', () => {
  const none = tilesOf({ ...figures, orders: 0, average_total: null, median_ms: null, p99_ms: null })
  expect(none[2]?.value).toBe('–')
  expect(none[3]).toMatchObject({ value: '–', detail: '99th percentile –' })
  expect(tilesOf(undefined).map(({ value }) => value)).toEqual(Array(6).fill(undefined))
})
