/** Texts of the overview. */
export const overview = {
  title: 'Overview',
  loadTest: 'Load test',
  range: 'Time range',
  restaurant: 'Restaurant',
  ordersByStatus: 'Orders by status',
  loadingOrdersByStatus: 'Loading the orders by status',
  newestOrders: 'Newest orders',
  loadingNewest: 'Loading the newest orders',
  allOrders: 'All orders',
  noOrders: 'No orders yet',
  noOrdersHint: 'New orders appear here.',

  // Drivers.
  busiestDrivers: 'Busiest drivers',
  busiestDriversList: 'Drivers with the most active deliveries',
  allDrivers: 'All drivers',
  loadingDrivers: 'Loading the drivers',
  noDeliveries: 'No active deliveries',
  unavailable: 'unavailable',

  // Funnel.
  funnel: 'Order funnel',
  funnelScope: 'All restaurants, since the first order',
  refused: (orders: string) => ` · ${orders} refused`,
  /** Counter names of the Node.js example, where they differ from those of the stages. */
  counters: { placed: 'Orders', assigned: 'Driver assigned' } as Record<string, string>,
  loading: 'Loading',
  ofPrevious: 'of the previous stage',

  // Columns of the table of restaurants.
  columns: {
    orders: 'Orders',
    revenue: 'Revenue',
    average: 'Average',
    duration: 'Median time',
    notAccepted: 'Not accepted',
    refunded: 'Refunded',
  },

  // Times of the steps.
  stepTimes: 'Time per step',
  lastOrders: (orders: string) => `Last ${orders}`,
  loadingTimes: 'Loading the times',
  step: 'Step',
  median: 'Median',
  percentile: '99th percentile',
  manual: 'manual',
}
