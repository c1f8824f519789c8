import { plural } from '@threefactor/shared'

/** Texts of the cart. */
export const cart = {
  title: 'Your order',
  from: (restaurant: string) => `From ${restaurant}`,
  empty: 'Your cart is empty',
  emptyHint: 'Add a dish from the menu.',
  closedHint: 'The restaurant is closed. You can add dishes when it opens.',
  opensHint: (opens: string) => `${opens}. You can add dishes then.`,
  total: 'Total',
  times: (quantity: string) => `${quantity}\u00a0×`,
  deliverTo: 'Deliver to',
  recentAddresses: 'Recent addresses',
  note: 'Note for the restaurant (optional)',
  notePlaceholder: 'No onions, please',
  place: 'Place order',
  remove: 'Remove',
  removeDish: (dish: string) => `Remove ${dish}`,
  soldOut: 'Sold out. Remove it to continue.',
  offMenu: 'No longer on the menu. Remove it to continue.',
  priceChanged: plural({ one: 'A price has changed', other: 'Prices have changed' }),
  priceChange: (dish: string, before: string, now: string) =>
    `The price of ${dish} changed from ${before} to ${now}.`,
  acceptPrices: plural({ one: 'Accept the new price', other: 'Accept the new prices' }),
  bar: (items: string) => `Your order · ${items}`,
  inCart: (quantity: string, dish: string) => `${quantity} × ${dish} in your order`,
  otherRestaurant: (items: string, restaurant: string) => `Your cart has ${items} from ${restaurant}.`,
  openOther: (restaurant: string) => `Go to ${restaurant}`,
  notRestored: (dishes: string) => `No longer on the menu: ${dishes}.`,

  // Questions before the cart is replaced.
  startNew: 'Start a new order?',
  startNewText: (items: string, other: string, restaurant: string) =>
    `Your cart has ${items} from ${other}. An order is from one restaurant: if you start one at ${restaurant}, your cart is cleared.`,
  startNewConfirm: 'Start a new order',
  keep: 'Keep my cart',
  replace: 'Replace your cart?',
  replaceText: (items: string, restaurant: string) =>
    `Your cart has ${items} from ${restaurant}. They are replaced by the dishes of this order.`,
  replaceConfirm: 'Replace my cart',

  // Reasons why an order cannot be placed.
  addDish: 'Add a dish from the menu.',
  removeSoldOut: (dishes: string) => `Sold out: ${dishes}. Remove it to continue.`,
  removeOffMenu: (dishes: string) => `No longer on the menu: ${dishes}. Remove it to continue.`,
  restaurantClosed: (name: string) => `${name} is closed. You can order when it opens.`,
  restaurantOpens: (name: string, opens: string) => `${name} is closed. ${opens}.`,
  restaurantPaused: (name: string, until: string) => `${name} takes no new orders at the moment. ${until}.`,
  acceptToContinue: 'Accept the new price to continue.',
  enterAddress: 'Enter a delivery address.',
  shortenAddress: (length: string) => `Shorten the address to ${length} characters.`,
  notConfirmed: 'We could not confirm your order. Try again; it will not be placed twice.',
  pausedMeanwhile: 'The restaurant has just paused its orders. Your cart is kept; try again later.',
  notPlaced: 'Your order could not be placed. Please try again.',
}
