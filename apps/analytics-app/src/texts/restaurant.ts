import { plural } from '@threefactor/shared'

/** Texts of the pages of a restaurant. */
export const restaurant = {
  loading: 'Loading the restaurant',
  states: {
    closed: 'Closed: new orders are refused',
    outsideHours: (opens: string) => `Closed by your opening hours: new orders are refused until ${opens}`,
    paused: (until: string) => `Paused: new orders are refused until ${until}`,
    automatic: 'Open, confirms orders automatically',
    manual: 'Open, confirms orders manually',
  },
  pause: 'Pause orders',
  resume: 'Take orders again',
  pauseTitle: 'Pause new orders?',
  pauseText: 'Customers see when you take orders again. The orders that you have are not affected.',
  pauseFor: (minutes: string) => `For ${minutes}`,
  usualMinutes: 'Usual preparation',
  preparing: 'In preparation',
  preparingEmpty: 'Nothing to prepare',
  preparingHint: 'Accepted orders are here until their driver picks them up.',
  recent: 'Recent orders',
  recentEmpty: 'No orders yet',
  recentHint: 'Orders that are picked up or closed appear here.',
  newOrders: plural({ one: '# new order', other: '# new orders' }),
  quantity: (quantity: string, dish: string) => `${quantity} × ${dish}`,
  sound: 'Sound for new orders',
}
