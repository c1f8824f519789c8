import { expect, test } from 'vitest'

import { grouped } from './cards'
import { interpret } from './pay'

test('paid is paid', () => {
  expect(interpret(200, null, {})).toEqual({ result: 'paid' })
})

test('a declined card is refused, with the gateway’s own reason, at its field', () => {
  const error = { code: 'expired_card', message: 'The card has expired.', path: '$.info.credit_card_number' }
  expect(interpret(402, null, { error })).toEqual({
    result: 'refused',
    message: 'The card has expired.',
    field: 'number',
  })
})

test('what will pass is for later, after as long as the answer asks for', () => {
  const error = { code: 'database_unavailable', message: 'please try again', path: '$' }
  expect(interpret(503, '7', { error })).toEqual({
    result: 'later',
    message: 'Please try again.',
    retryAfterMs: 7000,
  })
  expect(interpret(409, '1', { error: { code: 'payment_in_progress' } })).toMatchObject({ result: 'later' })
  // API Gateway's own answers have no error.
  expect(interpret(429, null, { message: 'Too Many Requests' })).toMatchObject({ retryAfterMs: 1000 })
})

test('another amount than the total is refused without a field', () => {
  const error = {
    code: 'amount_mismatch',
    message: 'the order costs 650, not 500',
    path: '$.metadata.amount',
  }
  expect(interpret(409, null, { error })).toEqual({
    result: 'refused',
    message: 'The order costs 650, not 500.',
  })
})

test('a card number is shown in groups of four', () => {
  expect(grouped('4242424242424242')).toBe('4242 4242 4242 4242')
  expect(grouped('4242-42x4 24')).toBe('4242 4242 4')
  expect(grouped('1234')).toBe('1234')
})
