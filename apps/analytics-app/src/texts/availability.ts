import { plural } from '@threefactor/shared'

/** Texts of the availability of restaurants and drivers. */
export const availability = {
  title: 'Availability',
  subtitle: 'Open restaurants, their menus, and available drivers',

  // Restaurants.
  autoApprove: 'Auto-approve',
  menu: 'Menu',
  menuOf: (restaurant: string) => `Menu of ${restaurant}`,
  confirmsAutomatically: 'Confirms orders automatically',
  outsideHours: (opens: string) => `Closed by its opening hours until ${opens}`,
  paused: (until: string) => `Has paused its orders until ${until}`,
  confirmsManually: 'Confirms orders manually',

  // Drivers.
  drivers: 'Drivers',
  driversAvailable: (available: string, all: string) => `Drivers: ${available} of ${all} available`,
  allAvailable: 'Make all available',
  noneAvailable: 'Make all unavailable',
  makeAvailable: plural({ one: 'Make # driver available', other: 'Make # drivers available' }),
  makeUnavailable: plural({ one: 'Make # driver unavailable', other: 'Make # drivers unavailable' }),
  question: (action: string) => `${action}?`,
  getOrders: 'They get new orders again.',
  loseOrders:
    'Orders that are not picked up are taken from them; new orders wait until a driver is available.',
  madeAvailable: plural({ one: '# driver available.', other: '# drivers available.' }),
  madeUnavailable: plural({ one: '# driver unavailable.', other: '# drivers unavailable.' }),
  loadingDrivers: 'Loading the drivers',
  noDrivers: 'No drivers',
  noMatch: 'No drivers match',
  search: 'Search drivers',
  searchPlaceholder: 'Name',
  filter: 'Availability',
  filters: { all: 'All', available: 'Available', unavailable: 'Unavailable' },
}
