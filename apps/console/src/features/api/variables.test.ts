import { expect, test } from 'vitest'

import { parseHeaders, parseVariables } from './variables'

test('session variables are read one per line or separated by semicolons', () => {
  expect(parseVariables('x-hasura-user-id: alice\nrestaurant-id: 2; X-Hasura-Org: a:b')).toEqual({
    variables: { 'x-hasura-user-id': 'alice', 'x-hasura-restaurant-id': '2', 'x-hasura-org': 'a:b' },
    error: undefined,
  })
  expect(parseVariables('')).toEqual({ variables: {}, error: undefined })
})

test('an invalid line is named', () => {
  expect(parseVariables('user-id=alice').error).toContain('user-id=alice')
  expect(parseVariables('a b: c').error).toContain('a b: c')
})

test('other headers keep their names', () => {
  expect(parseHeaders('X-Request-Id: a; authorization: Bearer b')).toEqual({
    headers: { 'x-request-id': 'a', authorization: 'Bearer b' },
    error: undefined,
  })
})
