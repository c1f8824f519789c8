import { expect, test } from 'vitest'

import { grouped } from './cards'
import { interpret } from './pay'

test('status 200 is a successful payment', () => {
  expect(interpret(200, null, {})).toEqual({ result: 'paid' })
})

test('a declined card is refused with the reason of the gateway at the number field', () => {
  const error = { code: 'expired_card', message: 'The card has expired.', path: '$.info.credit_card_number' }
  expect(interpret(402, null, { error })).toEqual({
    result: 'refused',
    message: 'The card has expired.',
    field: 'number',
  })
})

test('an invalid field is refused with a message for the customer', () => {
  const refusal = (path: string) =>
    interpret(400, null, { error: { code: 'invalid_value', message: '"cvv" must be 3 or 4 digits', path } })
  expect(refusal('$.info.credit_card_number')).toEqual({
    result: 'refused',
    message: 'Enter a valid card number.',
    field: 'number',
  })
  expect(refusal('$.info.cvv')).toEqual({
    result: 'refused',
    message: 'Enter the 3- or 4-digit security code.',
    field: 'cvv',
  })
  expect(refusal('$.info.full_name')).toMatchObject({ field: 'name' })
  expect(refusal('$.metadata.type')).toEqual({
    result: 'refused',
    message: 'The payment could not be processed. Please try again later.',
  })
})

test('a transient error is retried after the time in Retry-After', () => {
  const error = { code: 'database_unavailable', message: 'the database cannot be reached', path: '$' }
  expect(interpret(503, '7', { error })).toEqual({
    result: 'later',
    message: 'The payment could not be completed. Please try again; you will not be charged twice.',
    retryAfterMs: 7000,
  })
  expect(interpret(409, '1', { error: { code: 'payment_in_progress' } })).toMatchObject({ result: 'later' })
  // Responses of API Gateway itself have no `error`.
  expect(interpret(429, null, {})).toMatchObject({ retryAfterMs: 1000 })
})

test('an amount that differs from the total is refused without a field', () => {
  const error = {
    code: 'amount_mismatch',
    message: 'the amount does not match the order total (expected 650, got 500)',
    path: '$.metadata.amount',
  }
  expect(interpret(409, null, { error })).toEqual({
    result: 'refused',
    message: 'The amount does not match the order total. Please reload the page.',
  })
})

test('a card number is shown in groups of four', () => {
  expect(grouped('4242424242424242')).toBe('4242 4242 4242 4242')
  expect(grouped('4242-42x4 24')).toBe('4242 4242 4')
  expect(grouped('1234')).toBe('1234')
})

test('too many attempts are not retried automatically', () => {
  const refused = interpret(429, '120', { error: { code: 'too_many_attempts' } })
  expect(refused).toEqual({
    result: 'refused',
    message: 'Too many attempts. Please try again in 2 min 0 s.',
  })
})
