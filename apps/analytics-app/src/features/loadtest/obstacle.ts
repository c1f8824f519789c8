/** Restaurant and dish of a load test; undefined if it does not exist. */
interface Selection {
  restaurant: { name: string; open: boolean } | undefined
  dish: { name: string; available: boolean } | undefined
}

/** Returns the reason for which the orders would be refused, and its remedy; undefined if there is none. */
export function obstacleOf({ restaurant, dish }: Selection): string | undefined {
  if (!restaurant) return 'There is no restaurant. Add one to the database first.'
  if (!restaurant.open)
    return `${restaurant.name} is closed, so its orders would be refused. Open it under Availability, or choose another restaurant.`
  if (!dish) return `The menu of ${restaurant.name} is empty. Choose another restaurant.`
  if (!dish.available)
    return `“${dish.name}” is sold out, so the orders would be refused. Choose another dish, or make it available.`
  return undefined
}
