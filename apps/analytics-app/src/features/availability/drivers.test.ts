import { expect, test } from 'vitest'

import { matchingDrivers } from './drivers'

test('drivers are found by availability and name', () => {
  const drivers = [
    { name: 'Ada', available: true },
    { name: 'Adam', available: false },
    { name: 'Zoe', available: true },
  ]
  const names = (...query: [Parameters<typeof matchingDrivers>[1], string]) =>
    matchingDrivers(drivers, ...query).map(({ name }) => name)
  expect(names('all', '')).toEqual(['Ada', 'Adam', 'Zoe'])
  expect(names('available', ' AD ')).toEqual(['Ada'])
  expect(names('unavailable', '')).toEqual(['Adam'])
})
