import { expect, test } from 'vitest'

import { cuisines, matches } from './search'

const presto = { name: 'Trattoria Presto', cuisine: 'Italian', open: true, menu_items: [{ name: 'pizza' }] }
const owl = {
  name: 'Night Owl',
  cuisine: 'Late night',
  open: false,
  menu_items: [{ name: 'garlic bread' }, { name: 'crème brûlée' }],
}
const casa = { name: 'Casa Cura', cuisine: 'Italian', open: true, menu_items: [{ name: 'pizza' }] }
const all = [owl, presto, casa]
const names = (text: string, cuisine = '') =>
  matches(all, text, cuisine).map(({ restaurant, dishes }) => [
    restaurant.name,
    ...dishes.map(({ name }) => name),
  ])

test('without a text all restaurants match, the open ones first', () => {
  expect(names(' ')).toEqual([['Trattoria Presto'], ['Casa Cura'], ['Night Owl']])
})

test('a search finds restaurants, cuisines and dishes, and ignores case and accents', () => {
  expect(names('OWL')).toEqual([['Night Owl']])
  expect(names('italian')).toEqual([['Trattoria Presto'], ['Casa Cura']])
  expect(names('pizz')).toEqual([
    ['Trattoria Presto', 'pizza'],
    ['Casa Cura', 'pizza'],
  ])
  expect(names('brulee creme')).toEqual([['Night Owl', 'crème brûlée']])
  expect(names('thai')).toEqual([])
})

test('a cuisine restricts the search', () => {
  expect(names('', 'Late night')).toEqual([['Night Owl']])
  expect(names('pizza', 'Late night')).toEqual([])
})

test('each cuisine is listed once', () => {
  expect(cuisines([...all, { cuisine: '' }])).toEqual(['Italian', 'Late night'])
})
