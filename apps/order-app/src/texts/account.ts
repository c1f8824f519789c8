/** Texts of the page of the customer's account. */
export const account = {
  title: 'Your account',
  signedInAs: (user: string) => `You are signed in as ${user}`,

  // Address.
  address: 'Delivery address',
  addressHint: 'It is filled in for your next order, and kept in this browser until you sign out.',
  street: 'Address',
  save: 'Save address',
  saved: 'Address saved.',

  // Newest orders.
  orders: 'Latest orders',
  allOrders: 'All orders',
  noOrders: 'No orders yet',
  loadingOrders: 'Loading your orders',

  // Colours.
  appearance: 'Appearance',
  schemes: { auto: 'Same as system', light: 'Light', dark: 'Dark' },

  // Session.
  session: 'Sign out',
  sessionHint: 'Signing out removes your cart and your address from this browser. Your orders are kept.',
  signOut: 'Sign out of Presto',
}
