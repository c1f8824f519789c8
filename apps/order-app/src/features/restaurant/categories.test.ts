import { expect, test } from 'vitest'

import { byCategory } from './categories'

test('dishes are grouped in the order of the menu', () => {
  const menu = [
    { name: 'nachos', category: 'Starters' },
    { name: 'burrito', category: 'Mains' },
    { name: 'tortilla soup', category: 'Starters' },
  ]
  expect(byCategory(menu).map(({ name, dishes }) => [name, ...dishes.map((dish) => dish.name)])).toEqual([
    ['Starters', 'nachos', 'tortilla soup'],
    ['Mains', 'burrito'],
  ])
  expect(byCategory([])).toEqual([])
})
