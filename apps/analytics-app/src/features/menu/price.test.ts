import { expect, test } from 'vitest'

import { centsOf, priceText } from './price'

test('prices are read with a point or a comma', () => {
  expect(['5', '6.5', '6,50', ' 12.05 ', '1000'].map(centsOf)).toEqual([500, 650, 650, 1205, 100_000])
})

test('texts that are not an amount are rejected', () => {
  for (const text of ['', '-1', '5.123', '1e3', '5 000']) expect(centsOf(text), text).toBeUndefined()
})

test('a price is shown as it can be typed', () => {
  expect(priceText(650)).toBe('6.50')
  expect(centsOf(priceText(1205))).toBe(1205)
})
