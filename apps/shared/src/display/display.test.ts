import { expect, test } from 'vitest'

import { cappedText, kilometresFormat, minutesFormat, moneyFormat, percentFormat } from './format'
import { initial } from './initial'
import { clockTimeFormat, dayFormat, durationFormat, isToday, weekTimeFormat } from './time'

test('money is formatted from cents in the locale', () => {
  const money = moneyFormat('en-US')
  expect([500, 123456, 0].map(money)).toEqual(['$5.00', '$1,234.56', '$0.00'])
  expect(moneyFormat('de')(123456)).toBe('1.234,56\u00a0$')
})

test('percentages are not rounded to all or none', () => {
  const percent = percentFormat('en-US')
  expect([0, 0.001, 0.5, 0.986, 0.999, 1].map(percent)).toEqual(['0%', '<1%', '50%', '99%', '>99%', '100%'])
})

test('minutes and distances have their unit', () => {
  expect([0, 20, 14.6].map(minutesFormat('en-US'))).toEqual(['0 min', '20 min', '15 min'])
  expect([0.04, 3.25, 12].map(kilometresFormat('en-US'))).toEqual(['0.0 km', '3.3 km', '12.0 km'])
})

test('a count above the maximum is not claimed to be exact', () => {
  expect([0, 25, 26].map((count) => cappedText(count, 25))).toEqual(['0', '25', '25+'])
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

test('times of another day of the next week include the weekday', () => {
  const weekTime = weekTimeFormat('en-GB')
  const now = new Date(2026, 5, 2, 12, 0, 0)
  const texts = [new Date(2026, 5, 2, 17, 0), new Date(2026, 5, 3, 0, 0), new Date(2026, 5, 8, 11, 30)].map(
    (at) => weekTime(at.toISOString(), now),
  )
  expect(texts).toEqual(['17:00', 'Wednesday 00:00', 'Monday 11:30'])
})

test('times of another day include the date', () => {
  const clockTime = clockTimeFormat('en-GB')
  const now = new Date(2026, 5, 2, 12, 0, 0)
  expect(clockTime(new Date(2026, 5, 2, 9, 5, 7).toISOString(), now)).toBe('09:05:07')
  expect(clockTime(new Date(2026, 5, 1, 9, 5, 7).toISOString(), now)).toBe('1 Jun, 09:05:07')
  expect(clockTime(new Date(2025, 9, 25, 9, 5, 7).toISOString(), now)).toBe('25 Oct 2025, 09:05:07')
  expect([2, 1].map((day) => isToday(new Date(2026, 5, day, 23, 59).toISOString(), now))).toEqual([
    true,
    false,
  ])
})

test('days are named relative to today, with the year if it is another one', () => {
  const now = new Date(2026, 5, 2, 0, 30)
  const name = (locale: string, ...date: [number, number, number]) =>
    dayFormat(locale)(new Date(...date, 23, 59).toISOString(), now)
  expect(name('en-GB', 2026, 5, 2)).toBe('Today')
  expect(name('en-GB', 2026, 5, 1)).toBe('Yesterday')
  expect(name('en-GB', 2026, 4, 31)).toBe('Sunday 31 May')
  expect(name('en-GB', 2025, 9, 25)).toBe('25 October 2025')
  expect(name('de', 2026, 5, 1)).toBe('Gestern')
})

test('an initial is one character as a user perceives it', () => {
  expect(['alice', ' émile', '👩‍🍳 cook', ''].map(initial)).toEqual(['A', 'É', '👩‍🍳', '?'])
})
