import { integerText } from '@threefactor/shared'

import { cart as texts } from '../../texts/cart'
import { closedText, type Opening } from '../restaurant/opening'
import type { Line } from './cart'

/** Maximum length of an address, in characters. */
export const MAX_ADDRESS = 200
/** Maximum length of a note, in characters; the database has a limit of 1000 bytes. */
export const MAX_NOTE = 240

/** Restaurant as the cart needs it. */
export interface Restaurant extends Opening {
  name: string
}

/** Returns the reason why the order cannot be placed; undefined if it can. The backend checks all of this again. */
export function obstacle(lines: readonly Line[], restaurant: Restaurant): string | undefined {
  if (lines.length === 0) return texts.addDish
  const names = (some: readonly Line[]) => some.map(({ dish }) => dish.name).join(', ')
  const offMenu = lines.filter((line) => line.offMenu)
  if (offMenu.length > 0) return texts.removeOffMenu(names(offMenu))
  const soldOut = lines.filter(({ dish }) => !dish.available)
  if (soldOut.length > 0) return texts.removeSoldOut(names(soldOut))
  const closed = closedText(restaurant)
  if (closed !== undefined) {
    const { name, opensAt, paused } = restaurant
    if (opensAt === undefined) return texts.restaurantClosed(name)
    return (paused ? texts.restaurantPaused : texts.restaurantOpens)(name, closed)
  }
  if (lines.some(({ oldPrice }) => oldPrice !== undefined)) return texts.acceptToContinue
  return undefined
}

/** Returns the message for an address that is not complete; undefined if it is. */
export function addressProblem(address: string): string | undefined {
  const { length } = address.trim()
  if (length === 0) return texts.enterAddress
  if (length > MAX_ADDRESS) return texts.shortenAddress(integerText(MAX_ADDRESS))
  return undefined
}
