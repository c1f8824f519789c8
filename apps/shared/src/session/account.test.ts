import { expect, test } from 'vitest'

import { sessionOf } from './account'
import { tokenOf } from './tokenOf.testing'

test('role and ids are read from the claims of Hasura', () => {
  const token = tokenOf({ role: 'driver', userId: 'driver-7', driverId: '7' }, 1_800_000_000)
  expect(sessionOf(token)).toEqual({
    token,
    expiresAt: 1_800_000_000_000,
    account: { userId: 'driver-7', role: 'driver', driverId: 7 },
  })
  expect(sessionOf(tokenOf({ role: 'customer', userId: 'zoë' }, 1))?.account).toEqual({
    userId: 'zoë',
    role: 'customer',
  })
})

test('claims may be a text, as in tokens of Amazon Cognito', () => {
  const claims = JSON.stringify({
    'x-hasura-default-role': 'driver',
    'x-hasura-user-id': 'a',
    'x-hasura-driver-id': '7',
  })
  const token = (claims: string) =>
    `x.${btoa(JSON.stringify({ exp: 1, 'https://hasura.io/jwt/claims': claims }))}.x`
  expect(sessionOf(token(claims))?.account).toEqual({ userId: 'a', role: 'driver', driverId: 7 })
  expect(sessionOf(token('{'))).toBeUndefined()
  expect(sessionOf(token('null'))).toBeUndefined()
})

test('other texts and tokens of other applications are not sessions', () => {
  const withoutClaims = `x.${btoa('{"exp": 1}')}.x`
  for (const text of ['', 'x', 'a.b.c', withoutClaims, tokenOf({ role: 'admin', userId: 'eve' }, 1)]) {
    expect(sessionOf(text)).toBeUndefined()
  }
})
