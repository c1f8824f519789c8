import { expect, test } from 'vitest'

import { stopsOf, type Route } from './stops'

const route: Route = {
  order_id: 'a',
  restaurant: 'Casa Cura',
  restaurant_id: 2,
  address: '5 Harbour View',
  restaurant_x: 68,
  restaurant_y: 22,
  destination_x: 10,
  destination_y: 90,
}

test('the next stop is the restaurant before the pick-up, and the address afterwards', () => {
  const stops = stopsOf([route, { ...route, order_id: 'b' }], [{ ...route, order_id: 'c' }])
  expect(stops.map(({ kind, name, x, y }) => [kind, name, x, y])).toEqual([
    ['restaurant', 'Casa Cura', 68, 22],
    ['destination', '5 Harbour View', 10, 90],
  ])
  expect(stopsOf([{ ...route, restaurant_x: null }], [])).toEqual([])
})
