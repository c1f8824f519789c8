import { expect, test } from 'vitest'

import { conditionsOf, filterFrom, isUnrestricted, type Conditions } from './permission'

const PATHS = [['user_id'], ['amount'], ['status'], ['restaurant', 'owner'], ['restaurant', 'city']]

/** The condition after the form has shown it unchanged. */
function shown(filter: unknown): unknown {
  const conditions = conditionsOf(filter, PATHS)
  return conditions && filterFrom(conditions)
}

test('comparisons are shown and stored unchanged', () => {
  for (const filter of [
    {},
    { user_id: { _eq: 'X-Hasura-User-Id' } },
    { _and: [{ user_id: { _eq: 'X-Hasura-User-Id' } }, { amount: { _gt: 10 } }] },
    { _or: [{ user_id: { _eq: 'X-Hasura-User-Id' } }, { restaurant: { owner: { _eq: 'a' } } }] },
    { restaurant: { owner: { _eq: 'X-Hasura-User-Id' } } },
    { status: { _in: ['a', 'b'] } },
    { status: { _is_null: false } },
    { status: { _eq: '5' } },
  ])
    expect(shown(filter)).toEqual(filter)
})

test('other conditions are left to the JSON', () => {
  for (const filter of [
    { _not: { user_id: { _eq: 'a' } } },
    { _or: [{ user_id: { _eq: 'a' }, amount: { _gt: 1 } }] },
    { other: { _eq: 'a' } },
    { restaurant: { owner: { _eq: 'a' }, city: { _eq: 'b' } } },
    { restaurant: { chain: { name: { _eq: 'a' } } } },
    { user_id: { _regex: 'a' } },
    { user_id: 'a' },
    'text',
  ])
    expect(conditionsOf(filter, PATHS)).toBeUndefined()
})

test('texts become the values of their operators', () => {
  const of = (operator: string, value: string): unknown => {
    const conditions: Conditions = { mode: '_and', list: [{ path: ['amount'], operator, value }] }
    return (filterFrom(conditions).amount as Record<string, unknown>)[operator]
  }
  expect(of('_eq', '12')).toBe(12)
  expect(of('_eq', '12345678901234567890')).toBe('12345678901234567890')
  expect(of('_eq', '{"a": 1}')).toBe('{"a": 1}')
  expect(of('_eq', 'true')).toBe(true)
  expect(of('_eq', 'x-hasura-User-Id')).toBe('x-hasura-User-Id')
  expect(of('_in', 'a, b')).toEqual(['a', 'b'])
  expect(of('_in', '[1, 2]')).toEqual([1, 2])
  expect(of('_in', 'X-Hasura-Ids')).toBe('X-Hasura-Ids')
  expect(of('_is_null', 'true')).toBe(true)
})

test('only an empty condition is met by every row', () => {
  expect(isUnrestricted({})).toBe(true)
  expect(isUnrestricted({ a: {} })).toBe(false)
  expect(isUnrestricted(null)).toBe(false)
})
