import { expect, test } from 'vitest'

import { counted, moneyFormat, percentFormat } from './format'
import { clockTimeFormat, durationFormat } from './time'

test('money is formatted from cents in the locale', () => {
  const money = moneyFormat('en-US')
  expect([500, 123456, 0].map(money)).toEqual(['$5.00', '$1,234.56', '$0.00'])
  expect(moneyFormat('de')(123456)).toBe('1.234,56\u00a0$')
})

test('percentages are not rounded to all or none', () => {
  const percent = percentFormat('en-US')
  expect([0, 0.001, 0.5, 0.986, 0.999, 1].map(percent)).toEqual(['0%', '<1%', '50%', '99%', '>99%', '100%'])
})

test('counts have a singular and a plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'item'))).toEqual(['0 items', '1 item', '2 items'])
  expect(counted(2, 'dish', 'dishes')).toBe('2 dishes')
})

test('durations have a unit that fits their size', () => {
  const duration = durationFormat('en-US')
  expect([0, 34.4, 999.4, 1000, 9_940, 59_999, 185_000, 7_800_000, 400_000_000].map(duration)).toEqual([
    '0 ms',
    '34 ms',
    '999 ms',
    '1.0 s',
    '9.9 s',
    '59 s',
    '3 min 5 s',
    '2 h 10 min',
    '4 d',
  ])
})

test('times of another day include the date', () => {
  const clockTime = clockTimeFormat('en-GB')
  const now = new Date(2026, 5, 2, 12, 0, 0)
  expect(clockTime(new Date(2026, 5, 2, 9, 5, 7).toISOString(), now)).toBe('09:05:07')
  expect(clockTime(new Date(2026, 5, 1, 9, 5, 7).toISOString(), now)).toBe('1 Jun, 09:05:07')
})
