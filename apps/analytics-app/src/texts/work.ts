import { plural } from '@threefactor/shared'

/** Texts of the queues of orders whose next step is manual. */
export const work = {
  title: 'Work',
  subtitle: 'Orders whose next step is manual, oldest first',
  ordersAside: plural({ one: ' order', other: ' orders' }),
  orders: plural({ one: '# order', other: '# orders' }),
  allOf: (count: string) => `all ${count}`,
  firstOf: (count: string) => `the first ${count}`,
  question: (action: string) => `${action}?`,
  named: (number: string, items: string) => `${number} · ${items}`,
  more: plural({ one: 'and # more order', other: 'and # more orders' }),
  final: 'This cannot be undone.',
  oldest: (count: string) => `Showing the ${count} oldest orders.`,
  /** Name of an order, for screen readers. */
  orderOf: (order: string, customer: string) => `${order} of ${customer}`,
  forCustomer: (restaurant: string, customer: string) => `${restaurant} for ${customer}`,
  withDriver: (driver: string) => ` · ${driver}`,
  /** Name of the button of one order. */
  buttonOf: (verb: string, order: string) => `${verb}: ${order}`,
  ready: 'Ready in',
  offers: plural({ one: '# offer', other: '# offers' }),

  // Queues.
  approval: {
    title: 'Awaiting approval',
    empty: 'No orders awaiting approval',
    emptyHint: 'Paid orders of restaurants that approve manually appear here.',
    verb: 'Approve',
    done: 'Approved',
    verbFor: (several: string) => `Approve ${several}`,
  },
  pickUp: {
    title: 'Ready for pick-up',
    empty: 'No orders ready for pick-up',
    emptyHint: 'Orders that a driver has accepted appear here.',
    emptyHintDriver: 'Orders that you have accepted appear here.',
    verb: 'Mark as picked up',
    done: 'Picked up',
    verbFor: (several: string) => `Mark ${several} as picked up`,
  },
  delivery: {
    title: 'On the way',
    empty: 'No orders on the way',
    emptyHint: 'Picked-up orders appear here.',
    emptyHintDriver: 'Orders that you have picked up appear here.',
    verb: 'Mark as delivered',
    done: 'Delivered',
    verbFor: (several: string) => `Mark ${several} as delivered`,
  },
  newOrders: {
    title: 'New orders',
    empty: 'No new orders',
    emptyHint: 'Paid orders appear here until you accept or reject them.',
    verb: 'Accept',
    done: 'Accepted',
    verbFor: (several: string) => `Accept ${several}`,
  },
  offered: {
    title: 'Offers',
    empty: 'No offers',
    emptyHint: 'Orders that you can accept or decline appear here.',
    verb: 'Accept',
    done: 'Accepted',
    verbFor: (several: string) => `Accept ${several}`,
  },

  // Steps that are taken instead of the next one.
  rejection: {
    verb: 'Reject',
    done: 'Rejected',
    title: 'Reject this order?',
    confirm: 'Reject',
    reasons: ['Out of stock', 'Too busy', 'Closing soon'],
  },
  failure: {
    verb: 'Problem',
    done: 'Not delivered',
    title: 'Delivery not possible?',
    confirm: 'Report',
    reasons: ['Customer not reachable', 'Address not found', 'Order damaged'],
  },
  decline: { verb: 'Decline', done: 'Declined' },
  release: { verb: 'Release', done: 'Released' },

  // Question for a reason.
  consequence: (order: string) => `The customer of ${order} gets the reason, and the money back.`,
  reason: 'Reason',
  other: 'Other',
  otherReason: 'Reason for the customer',
  details: 'Details for the customer (optional)',
  chooseReason: 'Choose a reason, or write one.',
  confirmFor: (confirm: string, order: string) => `${confirm} ${order}`,
}
