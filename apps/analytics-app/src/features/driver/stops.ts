import type { Point } from '@threefactor/shared/map'
import { common } from '../../texts/common'

/** Order with the points of its route, as far as they are known. */
export interface Route {
  order_id: string | null
  restaurant: string | null
  restaurant_id: number | null
  address: string | null
  restaurant_x: number | null
  restaurant_y: number | null
  destination_x: number | null
  destination_y: number | null
}

/** Place to which the driver goes next. */
export interface Stop extends Point {
  key: string
  kind: 'restaurant' | 'destination'
  name: string
}

/** Returns the next stop of each order: the restaurant before the pick-up, afterwards the address. Equal stops are one. */
export function stopsOf(toPickUp: readonly Route[], toDeliver: readonly Route[]): Stop[] {
  const stops = [
    ...toPickUp.map((route) =>
      stop(
        'restaurant',
        route.restaurant ?? common.restaurant(route.restaurant_id),
        route.restaurant_x,
        route.restaurant_y,
      ),
    ),
    ...toDeliver.map((route) =>
      stop('destination', route.address ?? '', route.destination_x, route.destination_y),
    ),
  ].filter((stop) => stop !== undefined)
  return [...new Map(stops.map((stop) => [stop.key, stop])).values()]
}

function stop(kind: Stop['kind'], name: string, x: number | null, y: number | null): Stop | undefined {
  return x === null || y === null ? undefined : { key: `${kind} ${name}`, kind, name, x, y }
}
