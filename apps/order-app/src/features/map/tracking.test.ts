import { expect, test } from 'vitest'

import { isTracked, placesOf, whereabouts, type Tracking } from './tracking'

const row: Tracking = {
  status: 'assigned',
  restaurant: 'Casa Cura',
  restaurant_x: 20,
  restaurant_y: 50,
  destination_x: 80,
  destination_y: 50,
  driver: 'Ada',
  driver_x: 5,
  driver_y: 50,
}
const text = (change: Tracking) => {
  const tracking = { ...row, ...change }
  const places = placesOf(tracking)
  return places && whereabouts(tracking, places)
}

test('an order is on the map from its payment to the end of the delivery', () => {
  const statuses = ['validated', 'paid', 'picked_up', 'delivered', 'cancelled', null]
  expect(statuses.map(isTracked)).toEqual([false, true, true, false, false, false])
})

test('the text says where the driver is', () => {
  expect(text({})).toBe('Ada is on the way to Casa Cura.')
  expect(text({ driver_x: 21 })).toBe('Ada is at Casa Cura.')
  expect(text({ status: 'picked_up', driver_x: 25 })).toBe('Ada has just left Casa Cura.')
  expect(text({ status: 'picked_up', driver_x: 50 })).toBe('Ada is about halfway to you.')
  expect(text({ status: 'picked_up', driver_x: 79 })).toBe('Ada is near you.')
})

test('without a driver or a position the text says so', () => {
  expect(text({ driver: null, driver_x: null })).toMatch(/^Casa Cura and your address on the map/)
  expect(text({ driver_y: null })).toBe('Ada has not sent a position yet.')
})

test('neighbours of the restaurant are near', () => {
  expect(text({ status: 'picked_up', destination_x: 20 })).toBe('Ada is near you.')
})

test('there is no map without a restaurant', () => {
  expect(placesOf({ ...row, restaurant_x: null })).toBeUndefined()
})
