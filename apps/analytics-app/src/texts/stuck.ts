/** Texts of the page of delayed orders. */
export const stuck = {
  title: 'Needs attention',
  subtitle:
    'Orders that have waited more than 10 seconds for a function or the restaurant, late drivers, and failed events',
  orders: 'Delayed orders',
  loading: 'Loading the delayed orders',
  none: 'No delayed orders',
  noneHint: 'Every order is in progress, or waiting for its customer or driver.',
  longest: (count: string) => `Showing the ${count} orders with the longest delay.`,
  lastEvent: (time: string, step: string) => `Last event ${time}: ${step}, `,
  attempt: (attempt: string) => `, attempt ${attempt}`,
  noHistory: (placed: string) => `No history yet. Placed ${placed}.`,
  toWork: 'Work',
  toDrivers: 'Drivers',

  // Reasons of a delay.
  reasons: {
    manualApproval: 'The restaurant approves orders manually.',
    approval: 'The approval function has not responded yet. You can approve the order manually.',
    noDriver: 'No driver is available. The assignment is retried automatically.',
    assignment:
      'The driver assignment function has not responded yet. The event is redelivered automatically.',
    validation: 'The validation function has not responded yet. The event is redelivered automatically.',
    pickUp: 'The driver has not picked up the order in time. Another driver is asked automatically.',
    delivery:
      'The driver has not delivered the order in time. Ask the driver, or report that the delivery failed.',
    refund: 'The payment has not been returned yet. The event is redelivered automatically.',
    unknown: 'Waiting for an unknown step.',
  },
}
