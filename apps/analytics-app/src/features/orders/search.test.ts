import { expect, test } from 'vitest'

import { conditionOf, csv } from './search'

test('a search compares number, customer and address, literally', () => {
  expect(conditionOf('', undefined)).toEqual({})
  expect(conditionOf(' #50%_a\\ ', 'paid')).toEqual({
    status: { _eq: 'paid' },
    _or: [
      { order_id: { _ilike: '50\\%\\_a\\\\%' } },
      { user_id: { _ilike: '%50\\%\\_a\\\\%' } },
      { address: { _ilike: '%50\\%\\_a\\\\%' } },
    ],
  })
})

test('cells of CSV are quoted, and formulas are texts', () => {
  expect(
    csv(
      ['address', 'total'],
      [
        ['5 Harbour "View", 2', -5],
        ['=1+1', null],
      ],
    ),
  ).toBe('address,total\r\n"5 Harbour ""View"", 2",-5\r\n\'=1+1,\r\n')
})
