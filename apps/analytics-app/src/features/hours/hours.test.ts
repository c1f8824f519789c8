import { expect, test } from 'vitest'

import { ALWAYS_OPEN, FIRST_WEEK, isAlwaysOpen, problemOf, rowsOf, weekOf, withDay } from './hours'

test('a week is stored as one row per period', () => {
  const evening = { opens: '18:00', closes: '02:00' }
  const lunch = { opens: '11:30', closes: '14:00' }
  const week = withDay(ALWAYS_OPEN, 4, [evening, lunch])
  const rows = rowsOf(week)
  expect(rows).toEqual([
    { weekday: 5, period: 1, ...lunch },
    { weekday: 5, period: 2, ...evening },
  ])
  const stored = rows.map(({ opens, closes, ...row }) => ({
    ...row,
    opens: `${opens}:00`,
    closes: `${closes}:00`,
  }))
  expect(weekOf(stored)[4]).toEqual([lunch, evening])
})

test('a week without periods is always open', () => {
  expect([ALWAYS_OPEN, FIRST_WEEK].map(isAlwaysOpen)).toEqual([true, false])
})

test('the periods of a day are complete and do not overlap', () => {
  const day = { opens: '09:00', closes: '14:00' }
  const evening = { opens: '18:00', closes: '02:00' }
  expect(problemOf([])).toBeUndefined()
  expect(problemOf([day, evening])).toBeUndefined()
  expect(problemOf([evening, { opens: '14:00', closes: '18:00' }, day])).toBeUndefined()
  expect(problemOf([{ ...day, closes: '' }])).toBe('Enter both times.')
  expect(problemOf([day, { opens: '13:59', closes: '20:00' }])).toBe('These hours overlap.')
  expect(problemOf([evening, { opens: '20:00', closes: '21:00' }])).toBe('These hours overlap.')
})
