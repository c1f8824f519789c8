/** Section of a menu. */
export interface Category<Dish> {
  name: string
  dishes: Dish[]
}

/** Returns the dishes by category. Categories are in the order of their first dish; dishes keep their order. */
export function byCategory<Dish extends { category: string }>(menu: readonly Dish[]): Category<Dish>[] {
  const categories = new Map<string, Dish[]>()
  for (const dish of menu) {
    const dishes = categories.get(dish.category)
    if (dishes) dishes.push(dish)
    else categories.set(dish.category, [dish])
  }
  return [...categories].map(([name, dishes]) => ({ name, dishes }))
}
