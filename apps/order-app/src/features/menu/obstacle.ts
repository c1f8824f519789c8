import type { Line } from './cart'

/** Maximum length of an address, in characters. */
export const MAX_ADDRESS = 200

/** Restaurant as the cart needs it. */
export interface Restaurant {
  name: string
  open: boolean
}

/** Returns the reason why the order cannot be placed; undefined if it can. The backend checks all of this again. */
export function obstacle(lines: readonly Line[], restaurant: Restaurant | undefined): string | undefined {
  if (lines.length === 0) return 'Add a dish from the menu.'
  const soldOut = lines.filter(({ dish }) => !dish.available).map(({ dish }) => dish.name)
  if (soldOut.length > 0) return `Sold out: ${soldOut.join(', ')}. Remove it to continue.`
  if (restaurant && !restaurant.open) return `${restaurant.name} is closed. Choose another restaurant.`
  if (lines.some(({ oldPrice }) => oldPrice !== undefined)) return 'Accept the new price to continue.'
  return undefined
}

/** Returns the message for an address that is not complete; undefined if it is. */
export function addressProblem(address: string): string | undefined {
  const { length } = address.trim()
  if (length === 0) return 'Enter a delivery address.'
  if (length > MAX_ADDRESS) return `Shorten the address to ${MAX_ADDRESS} characters.`
  return undefined
}
