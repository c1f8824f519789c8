import { expect, test } from 'vitest'

import { conditionsOf, filterFrom, isUnrestricted } from './permission'

const columns = ['id', 'user_id', 'paid']

test('comparisons of columns are read and written without a change', () => {
  for (const filter of [
    {},
    { user_id: { _eq: 'X-Hasura-User-Id' } },
    { _and: [{ user_id: { _eq: 'X-Hasura-User-Id' } }, { paid: { _eq: true } }, { id: { _in: [1, 2] } }] },
    { id: { _is_null: false } },
  ]) {
    const conditions = conditionsOf(filter, columns)
    expect(conditions && filterFrom(conditions)).toEqual(filter)
  }
})

test('other conditions are left to the JSON', () => {
  for (const filter of [
    { _or: [{ id: { _eq: 1 } }] },
    { order: { user_id: { _eq: 'x' } } },
    { _exists: {} },
    { id: { _ceq: 'user_id' } },
    null,
    [],
  ])
    expect(conditionsOf(filter, columns)).toBeUndefined()
})

test('large numbers keep their digits', () => {
  expect(filterFrom([{ column: 'id', operator: '_eq', value: '12345678901234567890' }])).toEqual({
    id: { _eq: '12345678901234567890' },
  })
})

test('texts with commas become lists', () => {
  expect(filterFrom([{ column: 'id', operator: '_in', value: 'a, b' }])).toEqual({ id: { _in: ['a', 'b'] } })
})

test('an empty condition is met by every row', () => {
  expect(isUnrestricted({})).toBe(true)
  expect(isUnrestricted({ id: { _eq: 1 } })).toBe(false)
})
