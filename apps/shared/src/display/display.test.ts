import { expect, test } from 'vitest'

import { money } from './money'
import { clockTime, duration, millisecondsBetween } from './time'

test('money is kept in cents and shown in dollars', () => {
  expect(money(500)).toBe('$5.00')
  expect(money(123456)).toBe('$1,234.56')
  expect(money(0)).toBe('$0.00')
})

test('durations have the unit that a person would choose', () => {
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

test('a time of another day says which', () => {
  const now = new Date(2026, 5, 2, 12, 0, 0)
  expect(clockTime(new Date(2026, 5, 2, 9, 5, 7).toISOString(), now)).toBe('09:05:07')
  expect(clockTime(new Date(2026, 5, 1, 9, 5, 7).toISOString(), now)).toBe('1 Jun, 09:05:07')
})

test('differences keep microseconds', () => {
  const ms = millisecondsBetween('2026-01-01T00:00:00.001250+00:00', '2026-01-01T00:00:00.0035+00:00')
  expect(ms).toBeCloseTo(2.25, 5)
})
