import { expect, test } from 'vitest'

import { DEMO_CARDS } from './cards'
import { cardProblems, formattedExpiry, hasCheckDigit } from './validate'

const card = { name: 'Alice', number: '4242 4242 4242 4242', expiry: '06/26', cvv: '123' }
const now = new Date(2026, 5, 30, 23, 59)

test('a complete card has no problems, until the end of its month', () => {
  expect(cardProblems(card, now)).toEqual({})
  expect(cardProblems(card, new Date(2026, 6, 1))).toEqual({ expiry: 'This card has expired.' })
})

test('each field has a message of its own', () => {
  expect(cardProblems({ name: ' ', number: '4242', expiry: '13/30', cvv: '12' }, now)).toEqual({
    name: 'Enter the name on the card.',
    number: 'Enter a valid card number.',
    expiry: 'Enter the month and year, such as 12/34.',
    cvv: 'Enter the 3- or 4-digit security code.',
  })
})

test('the check digit finds mistyped numbers, and the demo cards are right', () => {
  for (const { number } of DEMO_CARDS) expect(hasCheckDigit(number), number).toBe(true)
  expect(hasCheckDigit('4242 4242 4242 4243')).toBe(false)
})

test('an expiry date gets its slash while it is typed and loses it when it is deleted', () => {
  expect(formattedExpiry('12', '1')).toBe('12/')
  expect(formattedExpiry('12/3', '12/')).toBe('12/3')
  expect(formattedExpiry('1234', '')).toBe('12/34')
  expect(formattedExpiry('12', '12/')).toBe('12')
  expect(formattedExpiry('12/345', '12/34')).toBe('12/34')
})
