/** Names in the state of an order, as far as they are known. */
export interface Names {
  restaurant?: string | undefined
  driver?: string | undefined
}

/** Texts of the page of an order, and of its notifications. */
export const order = {
  back: 'All orders',
  loading: 'Loading the order',
  notFound: 'Order not found',
  notFoundHint: 'Check the link, or open ',
  yourOrders: 'your orders',
  place: (restaurant: string, time: string) => `${restaurant} · ${time}`,
  again: 'Order again',
  change: 'Change this order',

  // State of the order as one sentence, by its status.
  headlines: {
    placed: () => 'Checking your order',
    refused: () => 'Your order was refused',
    validated: () => 'Waiting for your payment',
    paid: ({ restaurant = 'the restaurant' }: Names) => `Waiting for ${restaurant} to confirm`,
    approved: ({ restaurant = 'The restaurant' }: Names) => `${restaurant} is preparing your order`,
    assigned: ({ driver = 'Your driver' }: Names) => `${driver} is picking up your order`,
    picked_up: ({ driver = 'Your order' }: Names) => `${driver} is on the way to you`,
    delivered: () => 'Your order has been delivered',
    cancelled: () => 'You cancelled this order',
    rejected: ({ restaurant = 'The restaurant' }: Names) => `${restaurant} couldn’t take your order`,
    expired: () => 'Your order has expired',
    failed: () => 'Your order could not be delivered',
  },
  yourOrder: 'Your order',
  enjoy: 'Enjoy your meal!',
  arriving: (time: string) => `Arriving around ${time}`,
  arrivingIfConfirmed: (time: string) => `Arriving around ${time}, if confirmed soon`,
  arrivingSoon: 'Arriving any minute',

  // Steps: nouns, because a participle would read as done before the step begins.
  steps: {
    validated: 'Order',
    paid: 'Payment',
    approved: 'Restaurant',
    assigned: 'Driver',
    picked_up: 'Pick-up',
    delivered: 'Delivery',
  },
  stepsLabel: 'Order status',
  stepStates: { done: 'done', current: 'in progress', failed: 'failed', todo: 'not started' },

  // Notices.
  notCharged: 'You have not been charged.',
  reason: (text: string) => `“${text}”`,
  refundedToday: (amount: string, time: string) => `Your payment of ${amount} was returned at ${time}.`,
  refunded: (amount: string, date: string) => `Your payment of ${amount} was returned on ${date}.`,
  refunding: (amount: string) => `Your refund of ${amount} is on its way.`,
  refundComing: 'Your refund is on its way.',
  waiting:
    'The restaurant confirms each order manually. You don’t need to do anything; this page updates automatically.',
  answerBy: (time: string) =>
    `If it does not answer by ${time}, the order ends and your payment is returned.`,
  lookingTitle: 'Looking for a driver',
  looking: 'We assign the next one that becomes available.',

  // Cancellation.
  payBy: (time: string) => `Pay by ${time}; afterwards the order expires.`,
  cancel: 'Cancel this order',
  cancelTitle: 'Cancel this order?',
  cancelConfirm: 'Cancel the order',
  cancelDismiss: 'Keep the order',
  cancelPaid: 'Your payment will be returned.',
  cancelUnpaid: 'You have not paid, so nothing is charged.',
  cancelOffline: 'The order was not cancelled, because the connection failed. Try again.',
  cancelTooLate: 'The order can no longer be cancelled.',

  // Receipt.
  details: 'Order details',
  times: (quantity: string) => `× ${quantity}`,
  total: 'Total',
  noTotal: '–',
  refund: 'Refund',
  refundPending: 'Refund, on its way',
  negative: (amount: string) => `−${amount}`,
  deliverTo: 'Deliver to',
  note: 'Your note',
  restaurant: 'Restaurant',
  number: 'Order number',
  /** As the restaurant and the dashboard show it. */
  numberOf: (id: string) => `#${id.slice(0, 8)}`,
  unknownRestaurant: (id: number) => `#${id}`,
  payment: 'Payment',
  card: (last4: string) => `Card ending in ${last4}`,
  paid: 'Paid',
  driver: 'Driver',
  print: 'Print receipt',

  // Progress.
  progress: 'Progress',
  updated: 'Order updated',
  placed: 'Order placed',
  outcomes: {
    'validate-order validated': 'Order checked',
    'validate-order refused': 'Order refused',
    'payment paid': 'Payment accepted',
    'payment declined': 'Card declined',
    'restaurant-approval approved': 'Restaurant approved',
    'restaurant-approval waiting': 'Waiting for the restaurant',
    'agent-assignment assigned': 'Driver assigned',
    'agent-assignment waiting': 'Waiting for a driver',
    'pick-up picked_up': 'Picked up by the driver',
    'delivery delivered': 'Delivered',
    'delivery failed': 'Delivery failed',
    'agent-assignment declined': 'Driver declined',
    'agent-assignment no-answer': 'Driver did not answer',
    'agent-assignment released': 'Driver went off duty',
    'agent-assignment not-picked-up': 'Driver did not pick up the order',
    'cancellation cancelled': 'Order cancelled',
    'restaurant-approval rejected': 'Restaurant rejected the order',
    'expire-orders expired': 'Order expired',
    'refund-payment refunded': 'Payment returned',
  } as Record<string, string>,
  declineReasons: {
    insufficient_funds: 'Insufficient funds',
    expired_card: 'Card expired',
    incorrect_cvc: 'Incorrect security code',
  } as Record<string, string>,

  // Notifications.
  notify: 'Notify me',
  notifying: 'Notifications are on',
  notifyHint: 'You get a message when your order changes and this page is not visible.',
  notifyBlocked: 'This browser blocks notifications. You can permit them in its settings for this page.',
  notifyBody: 'Open the order to see the details.',
}

/** Texts of the map of an order. */
export const map = {
  title: 'Where your order is',
  you: 'You',
  restaurant: 'Restaurant',
  driver: 'Driver',
  noDriver: (restaurant: string) => `${restaurant} and your address on the map. No driver is assigned yet.`,
  noPosition: (driver: string) => `${driver} has not sent a position yet.`,
  toRestaurant: (driver: string, restaurant: string) => `${driver} is on the way to ${restaurant}.`,
  atRestaurant: (driver: string, restaurant: string) => `${driver} is at ${restaurant}.`,
  left: (driver: string, restaurant: string) => `${driver} has just left ${restaurant}.`,
  halfway: (driver: string) => `${driver} is about halfway to you.`,
  near: (driver: string) => `${driver} is near you.`,
  lastSeen: (time: string) => `Last seen at ${time}.`,
}
