import { expect, test } from 'vitest'

import { restaurantIdOf, restaurantPath } from './paths'

test('a path names the restaurant, and the dish to show', () => {
  expect(restaurantPath(2)).toBe('/restaurants/2')
  const path = restaurantPath(2, 'fish & chips')
  expect(new URL(path, 'http://localhost').searchParams.get('dish')).toBe('fish & chips')
})

test('an id is a number of at most nine digits', () => {
  expect(['7', '007', '', 'x', '-1', '1.5', '12345678901'].map(restaurantIdOf)).toEqual([
    7,
    7,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
