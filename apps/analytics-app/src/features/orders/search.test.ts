import { expect, test } from 'vitest'

import { conditionAfter, conditionOf } from './search'

test('a search compares number, customer and address, literally', () => {
  expect(conditionOf({ search: '', status: undefined, restaurant: undefined })).toEqual({})
  expect(conditionOf({ search: ' #50%_a\\ ', status: 'paid', restaurant: 2 })).toEqual({
    status: { _eq: 'paid' },
    restaurant_id: { _eq: 2 },
    _or: [
      { order_id: { _ilike: '50\\%\\_a\\\\%' } },
      { user_id: { _ilike: '%50\\%\\_a\\\\%' } },
      { address: { _ilike: '%50\\%\\_a\\\\%' } },
    ],
  })
})

test('the next page begins after the last order, also among orders of the same time', () => {
  const last = { created: '2026-01-31T12:00:00Z', order_id: 'b' }
  expect(conditionAfter({ status: { _eq: 'paid' } }, last)).toEqual({
    _and: [
      { status: { _eq: 'paid' } },
      {
        _or: [{ created: { _lt: last.created } }, { created: { _eq: last.created }, order_id: { _lt: 'b' } }],
      },
    ],
  })
})
