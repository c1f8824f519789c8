import { expect, test } from 'vitest'

import { byCategory, formOf, problemsOf, valuesOf, type Dish } from './dish'

const pizza: Dish = {
  name: 'pizza',
  price: 550,
  available: true,
  category: 'Mains',
  description: 'Crisp.',
  picture: 'pizza',
}

test('a form has the values of its dish', () => {
  const { name, price, category, description, picture } = pizza
  expect(valuesOf(formOf(pizza))).toEqual({ name, price, category, description, picture })
  expect(valuesOf({ ...formOf(pizza), picture: '' })?.picture).toBe(null)
})

test('each field without a valid text has a message', () => {
  const empty = formOf(undefined)
  expect(Object.keys(problemsOf(empty))).toEqual(['name', 'price', 'category'])
  expect(valuesOf(empty)).toBe(undefined)
  expect(problemsOf({ ...empty, name: 'soup', price: '0', category: ' ' })).toEqual({
    price: 'Enter a price, such as 6.50.',
    category: 'Enter a category, such as Mains.',
  })
  expect(problemsOf({ ...formOf(pizza), price: '1000.01' })).toEqual({
    price: 'The price can be at most $1,000.00.',
  })
  expect(problemsOf({ ...formOf(pizza), price: '1000' })).toEqual({})
})

test('categories keep the order of the menu', () => {
  const dishes = ['Starters', 'Mains', 'Starters'].map((category, n) => ({
    ...pizza,
    name: `${n}`,
    category,
  }))
  expect(byCategory(dishes).map(([category, { length }]) => [category, length])).toEqual([
    ['Starters', 2],
    ['Mains', 1],
  ])
})
