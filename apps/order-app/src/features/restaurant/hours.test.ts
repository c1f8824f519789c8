import { expect, test } from 'vitest'

import { weekFormat } from './hours'

const week = weekFormat('en-GB')

test('a week has the periods of each day, and today is that of the restaurant', () => {
  const hours = [
    { weekday: 1, opens: '11:30:00', closes: '14:00:00' },
    { weekday: 1, opens: '18:00:00', closes: '00:00:00' },
    { weekday: 7, opens: '00:00:00', closes: '00:00:00' },
  ]
  // In Tokyo it is Tuesday.
  const days = week(hours, 'Asia/Tokyo', new Date('2026-11-30T20:00:00Z'))
  expect(days.map(({ name, periods }) => [name, periods.length])).toEqual([
    ['Monday', 2],
    ['Tuesday', 0],
    ['Wednesday', 0],
    ['Thursday', 0],
    ['Friday', 0],
    ['Saturday', 0],
    ['Sunday', 1],
  ])
  expect(days[0]?.periods).toEqual([
    { opens: '11:30', closes: '14:00', allDay: false },
    { opens: '18:00', closes: '00:00', allDay: false },
  ])
  expect(days[6]?.periods).toEqual([{ opens: '00:00', closes: '00:00', allDay: true }])
  expect(days.findIndex(({ isToday }) => isToday)).toBe(1)
})

test('a zone that the browser does not know is treated as UTC', () => {
  const days = week([], 'Mars/Base', new Date('2026-11-30T20:00:00Z'))
  expect(days.findIndex(({ isToday }) => isToday)).toBe(0)
})
