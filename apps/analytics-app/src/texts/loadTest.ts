import { plural } from '@threefactor/shared'

/** Texts of the load test. */
export const loadTest = {
  title: 'Load test',
  subtitle: 'Places many orders as fast as the backend accepts them',
  orders: 'Orders',
  count: 'Number of orders',
  restaurant: 'Restaurant',
  dish: 'Dish',
  closed: (restaurant: string) => `${restaurant} (closed)`,
  soldOut: (dish: string) => `${dish} (sold out)`,
  place: plural({ one: 'Place # order', other: 'Place # orders' }),
  stop: 'Stop',
  loading: 'Loading the restaurants and the menu',
  customerHint: (customer: string) =>
    `The customer of the orders is “${customer}”. Sign in to the order app with this name to pay them.`,
  notAvailable: 'Not available here',
  notAvailableHint: (customer: string) =>
    `The load test signs in by name as the customer “${customer}”, and this deployment signs users in at an identity provider. Run it on a stack with the demo login:`,
  command: 'cargo xtask dev',

  // Reasons for which the orders would be refused.
  wouldBeRefused: 'The orders would be refused',
  noRestaurant: 'There is no restaurant. Add one to the database first.',
  restaurantClosed: (restaurant: string) =>
    `${restaurant} is closed, so its orders would be refused. Choose another restaurant, or open this one under Availability, unless its hours or a pause close it.`,
  emptyMenu: (restaurant: string) => `The menu of ${restaurant} is empty. Choose another restaurant.`,
  dishSoldOut: (dish: string) =>
    `“${dish}” is sold out, so the orders would be refused. Choose another dish, or make it available.`,

  // Progress and result.
  placed: 'Orders placed',
  progress: (placed: string, of: string) => `${placed} of ${of}`,
  placing: (placed: string, orders: string) => `Placed ${placed} of ${orders}`,
  done: (orders: string, time: string) => `${orders} placed in ${time}. `,
  stopped: (orders: string, time: string) => `Stopped after ${orders} in ${time}. `,
  failed: (orders: string) => `Stopped after ${orders}`,
}
