import { expect, test } from 'vitest'

import { lineAmounts } from './amounts'

const menu = [
  { name: 'pizza', price: 500 },
  { name: 'idli', price: 300 },
]
const items = [
  { item: 'pizza', quantity: 2 },
  { item: 'idli', quantity: 1 },
]

test('lines have amounts if they add up to the total', () => {
  expect(lineAmounts(items, menu, 1300)).toEqual([1000, 300])
})

test('lines have no amounts if the menu has changed', () => {
  expect(lineAmounts(items, menu, 1200)).toBeUndefined()
  expect(lineAmounts(items, menu, null)).toBeUndefined()
  expect(lineAmounts([{ item: 'blue soup', quantity: 1 }], menu, 300)).toBeUndefined()
})
