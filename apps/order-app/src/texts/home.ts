import { plural } from '@threefactor/shared'

/** Texts of the list of restaurants. */
export const home = {
  title: 'What would you like?',
  search: 'Search restaurants and dishes',
  searchPlaceholder: 'Pizza, curry, ramen…',
  cuisines: 'Filter by cuisine',
  allCuisines: 'All',
  loading: 'Loading the restaurants',
  restaurants: 'Restaurants',
  closedNow: 'Closed now',
  none: 'There are no restaurants yet',
  noMatch: (search: string) => `No restaurants or dishes match “${search}”`,
  noMatchInCuisine: 'No restaurants match',
  clearSearch: 'Clear search',
  found: plural({ one: '# restaurant found', other: '# restaurants found' }),
  matchingDishes: (restaurant: string) => `Matching dishes at ${restaurant}`,
  dish: (name: string, price: string) => `${name} · ${price}`,
  moreDishes: plural({ one: 'and # more dish', other: 'and # more dishes' }),
  activeOrder: 'Follow your order',
}
