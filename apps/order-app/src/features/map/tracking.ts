import type { Point } from '@threefactor/shared/map'

import { map as texts } from '../../texts/order'

/** Row of `order_tracking`. */
export interface Tracking {
  status?: string | null
  restaurant?: string | null
  restaurant_x?: number | null
  restaurant_y?: number | null
  destination_x?: number | null
  destination_y?: number | null
  driver?: string | null
  driver_x?: number | null
  driver_y?: number | null
  driver_at?: string | null
  eta?: string | null
}

/** Places of an order on the map. */
export interface Places {
  restaurant: Point
  home: Point
  /** Undefined until the driver has sent a position. */
  driver: Point | undefined
}

/** Statuses in which an order is shown on the map: from the payment to the end of the delivery. */
const TRACKED = new Set(['paid', 'approved', 'assigned', 'picked_up'])

/** Returns whether an order with this status is shown on the map. */
export function isTracked(status: string | null | undefined): boolean {
  return TRACKED.has(status ?? '')
}

/** Returns the places of an order; undefined if restaurant or address have none. */
export function placesOf(tracking: Tracking): Places | undefined {
  const restaurant = pointOf(tracking.restaurant_x, tracking.restaurant_y)
  const home = pointOf(tracking.destination_x, tracking.destination_y)
  if (!restaurant || !home) return undefined
  return { restaurant, home, driver: pointOf(tracking.driver_x, tracking.driver_y) }
}

function pointOf(x: number | null | undefined, y: number | null | undefined): Point | undefined {
  return x == null || y == null ? undefined : { x, y }
}

/** Distance below which a driver is at a place. */
const AT = 3
/** Shares of the way to the customer from which the text changes. */
const [LEFT, NEAR] = [0.25, 0.75]

/** Returns where the driver is as one sentence: the text alternative of the map. It changes rarely, so that it can be announced. */
export function whereabouts(tracking: Tracking, places: Places): string {
  const restaurant = tracking.restaurant ?? texts.restaurant
  const { driver } = tracking
  if (driver == null) return texts.noDriver(restaurant)
  if (!places.driver) return texts.noPosition(driver)
  const toRestaurant = distance(places.driver, places.restaurant)
  if (tracking.status !== 'picked_up') {
    return toRestaurant <= AT
      ? texts.atRestaurant(driver, restaurant)
      : texts.toRestaurant(driver, restaurant)
  }
  const way = distance(places.restaurant, places.home)
  const covered = way > 0 ? 1 - distance(places.driver, places.home) / way : 1
  if (covered < LEFT) return texts.left(driver, restaurant)
  return covered < NEAR ? texts.halfway(driver) : texts.near(driver)
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
