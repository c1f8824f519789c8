import { plural } from '@threefactor/shared'

/** Texts of several pages. */
export const common = {
  appName: 'Presto',
  navRestaurants: 'Restaurants',
  navOrders: 'Orders',
  navAccount: 'Account',
  loading: 'Loading…',
  pageNotLoaded: 'Could not load this page',
  checkConnection: 'Check your connection and try again.',
  pageNotFound: 'Page not found',
  noSuchPage: 'This page does not exist',
  toRestaurants: 'Browse the restaurants',
  somethingWentWrong: 'Something went wrong',
  soldOut: 'Sold out',
  closed: 'Closed',
  pausedUntil: (time: string) => `Paused until ${time}`,
  opensAt: (time: string) => `Opens at ${time}`,
  opensOn: (weekdayAndTime: string) => `Opens ${weekdayAndTime}`,
  items: plural({ one: '# item', other: '# items' }),
}
