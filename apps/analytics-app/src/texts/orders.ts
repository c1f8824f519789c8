import { plural } from '@threefactor/shared'

/** Texts of the list of orders and of the page of an order. */
export const orders = {
  title: 'Orders',
  newestFirst: 'Newest first',
  loading: 'Loading the orders',
  noMatch: 'No orders match',
  newest: (count: string) => `Showing the ${count} newest orders; the export contains the others, too.`,

  // Filters.
  search: 'Search',
  searchPlaceholder: 'Number, customer or address',
  status: 'Status',
  restaurant: 'Restaurant',
  all: 'All',

  // Export.
  export: 'Export as CSV',
  exporting: 'Exporting…',
  saved: plural({ one: '# order saved.', other: '# orders saved.' }),
  savedNewest: plural({ one: 'The newest # order saved.', other: 'The newest # orders saved.' }),
  notLoaded: 'The orders could not be loaded. Please try again.',

  // One order.
  back: 'All orders',
  order: 'Order',
  titleOf: (id: string) => `Order ${id.slice(0, 8)}`,
  loadingOrder: 'Loading the order',
  notFound: 'Order not found',
  notFoundHint: 'Check the link, or open ',
  allOrders: 'all orders',
  id: 'Id',
  customer: 'Customer',
  items: 'Items',
  total: 'Total',
  address: 'Address',
  note: 'Note to the restaurant',
  preparation: 'Preparation',
  driver: 'Driver',
  refused: 'Refused',
  closed: 'Closed',
  payment: 'Payment',
  paymentOf: (attempt: number) => `Payment ${attempt}`,
  refund: 'Refund',
  money: (amount: string, status: string, time: string) => `${amount} ${status} · ${time}`,
  history: 'Order history',
  loadingHistory: 'Loading the history',
  noHistory: 'No history yet.',
  entry: (step: string, outcome: string) => `${step}: ${outcome}`,
  after: (time: string) => ` · after ${time}`,
  attempt: (attempt: string) => ` · attempt ${attempt}`,
  trace: 'Trace of this order',
}
