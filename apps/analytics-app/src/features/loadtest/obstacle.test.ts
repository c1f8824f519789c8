import { expect, test } from 'vitest'

import { obstacleOf } from './obstacle'

test('orders that would be refused have a reason and a remedy', () => {
  const restaurant = { name: 'Casa Cura', open: true }
  const dish = { name: 'pizza', available: true }
  expect(obstacleOf({ restaurant, dish })).toBe(undefined)
  expect(obstacleOf({ restaurant: { ...restaurant, open: false }, dish })).toMatch(/^Casa Cura is closed/)
  expect(obstacleOf({ restaurant, dish: undefined })).toMatch(/menu of Casa Cura is empty/)
  expect(obstacleOf({ restaurant, dish: { ...dish, available: false } })).toMatch(/^“pizza” is sold out/)
  expect(obstacleOf({ restaurant: undefined, dish })).toMatch(/^There is no restaurant/)
})
