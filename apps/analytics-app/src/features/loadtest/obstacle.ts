import { loadTest as texts } from '../../texts/loadTest'

/** Restaurant and dish of a load test; undefined if it does not exist. */
interface Selection {
  restaurant: { name: string; open: boolean } | undefined
  dish: { name: string; available: boolean } | undefined
}

/** Returns the reason for which the orders would be refused, and its remedy; undefined if there is none. */
export function obstacleOf({ restaurant, dish }: Selection): string | undefined {
  if (!restaurant) return texts.noRestaurant
  if (!restaurant.open) return texts.restaurantClosed(restaurant.name)
  if (!dish) return texts.emptyMenu(restaurant.name)
  if (!dish.available) return texts.dishSoldOut(dish.name)
  return undefined
}
