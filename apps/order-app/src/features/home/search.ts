/** Restaurant as the search needs it. */
interface Searchable {
  name: string
  cuisine: string
  open: boolean
  menu_items: readonly { name: string }[]
}

/** Restaurant that matches, with the dishes that contain the text. */
export interface Match<Restaurant extends Searchable> {
  restaurant: Restaurant
  dishes: Restaurant['menu_items'][number][]
}

/** Returns the cuisines, each once, in alphabetical order. */
export function cuisines(restaurants: readonly Pick<Searchable, 'cuisine'>[]): string[] {
  const all = restaurants.map(({ cuisine }) => cuisine).filter((cuisine) => cuisine !== '')
  return [...new Set(all)].sort((a, b) => a.localeCompare(b))
}

/**
 * Returns the restaurants of a cuisine whose name, cuisine or dishes contain each word of a text, the open ones first. Case and
 * accents are ignored.
 *
 * @param cuisine empty: all of them
 */
export function matches<Restaurant extends Searchable>(
  restaurants: readonly Restaurant[],
  text: string,
  cuisine: string,
): Match<Restaurant>[] {
  const words = folded(text).split(/\s+/).filter(Boolean)
  const contains = (content: string) => words.every((word) => content.includes(word))
  return restaurants
    .filter((restaurant) => cuisine === '' || restaurant.cuisine === cuisine)
    .flatMap((restaurant): Match<Restaurant>[] => {
      const about = folded(`${restaurant.name} ${restaurant.cuisine}`)
      if (words.length === 0) return [{ restaurant, dishes: [] }]
      const dishes = restaurant.menu_items.filter(({ name }) => contains(folded(name)))
      return dishes.length > 0 || contains(about) ? [{ restaurant, dishes }] : []
    })
    .sort((a, b) => Number(b.restaurant.open) - Number(a.restaurant.open))
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}
