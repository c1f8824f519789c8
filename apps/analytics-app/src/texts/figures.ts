/** Texts of the figures of the overview and of a restaurant. */
export const figures = {
  revenue: 'Revenue',
  orders: 'Orders',
  average: 'Average order',
  duration: 'Placed to delivered',
  notAccepted: 'Not accepted',
  refunded: 'Refunded',

  // Details below the values.
  fromPaid: (paid: string) => `from ${paid} paid`,
  delivered: (orders: string) => `${orders} delivered`,
  perPaidOrder: 'per paid order',
  percentile: (time: string) => `99th percentile ${time}`,
  refusedAndRejected: (refused: string, rejected: string) => `${refused} refused, ${rejected} rejected`,
  closed: (cancelled: string, expired: string, failed: string) =>
    `${cancelled} cancelled, ${expired} expired, ${failed} not delivered`,

  // Today, of one restaurant.
  today: 'Today',
  revenueToday: 'Revenue today',
  ordersToday: 'Orders today',
  afterRefunds: (amount: string) => `after ${amount} of refunds`,
  deliveredAndRejected: (delivered: string, rejected: string) =>
    `${delivered} delivered, ${rejected} rejected`,
}
