import { plural } from '@threefactor/shared'

/** Texts of payments. */
export const payment = {
  title: 'Payment',
  demoHint: 'Demo: you will not be charged.',
  useDemoCard: 'Use a demo card',
  demoCards: 'Demo cards',
  lastDigits: (digits: string) => `···· ${digits}`,
  name: 'Name on the card',
  number: 'Card number',
  expiry: 'Expiry date',
  expiryPlaceholder: 'MM/YY',
  cvv: 'Security code',
  mistyped: 'This number looks mistyped. Check it, or continue.',
  pay: (amount: string) => `Pay ${amount}`,
  received: 'Payment received.',
  failed: 'Payment failed',
  notCompleted: 'Payment not completed',

  // Demo cards.
  valid: 'Valid card',
  declined: 'Declined',
  insufficient: 'Insufficient funds',
  expired: 'Expired',
  incorrectCvc: 'Incorrect security code',
  stolen: 'Stolen',

  // Messages at a field.
  enterName: 'Enter the name on the card.',
  enterNumber: 'Enter a valid card number.',
  enterExpiry: 'Enter the month and year, such as 12/34.',
  cardExpired: 'This card has expired.',
  enterCvv: 'Enter the 3- or 4-digit security code.',

  // Messages of a payment that was not made.
  refusals: {
    amount_mismatch: 'The amount does not match the order total. Please reload the page.',
    order_not_validated: 'We are still checking this order. Please try again in a moment.',
    order_refused: 'This order was refused and cannot be paid.',
    order_closed: 'This order is closed and cannot be paid.',
    order_not_found: 'Order not found.',
    not_a_customer: 'Only customers can pay. Please sign in as the customer of this order.',
    missing_token: 'Your session has expired. Please sign in again.',
    invalid_token: 'Your session has expired. Please sign in again.',
  } as Record<string, string>,
  offline: 'You appear to be offline. Please try again; you will not be charged twice.',
  inProgress: 'A payment for this order is already in progress. Please wait a moment.',
  tryAgain: 'The payment could not be completed. Please try again; you will not be charged twice.',
  tryLater: 'The payment could not be processed. Please try again later.',
  tooManyAttempts: (when: string) => `Too many attempts. Please try again ${when}.`,
  inTime: (duration: string) => `in ${duration}`,
  later: 'later',

  // Payment of all orders.
  payAll: 'Pay all',
  payOrders: (orders: string, amount: string) => `Pay ${orders} · ${amount}`,
  loadingOrders: 'Loading your orders…',
  notLoaded: 'Could not load your orders. Please try again.',
  nothingToPay: 'No orders are ready to pay.',
  chooseCard: 'Choose a card. Each order is paid separately.',
  stop: 'Stop',
  cancel: 'Cancel',
  inBackground: 'Continue in the background',
  close: 'Close',
  paying: (paid: string, of: string) => `Paying ${paid} of ${of}`,
  paid: (paid: string, of: string) => `Paid ${paid} of ${of}`,
  processed: 'Payments processed',
  processedOf: (done: string, of: string) => `${done} of ${of}`,
  paidOf: (paid: string, of: string) => `${paid} of ${of} paid`,
  stopped: (progress: string, orders: string) => `${progress} · stopped, ${orders} not paid`,
  problem: (orders: string, message: string) => `${orders}: ${message}`,
  orders: plural({ one: '# order', other: '# orders' }),
}
