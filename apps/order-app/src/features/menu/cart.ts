/** How many of each dish, by its name. Dishes without any are not in it. */
export type Cart = Readonly<Record<string, number>>

/** A dish of the menu. */
export interface Dish {
  name: string
  /** In cents. */
  price: number
  available: boolean
}

/** One line of the cart. */
export interface Line {
  dish: Dish
  quantity: number
  /** Price × quantity, in cents. */
  amount: number
}

/** The cart with that many of a dish; none takes it out. */
export function withQuantity(cart: Cart, dish: string, quantity: number): Cart {
  const others = Object.entries(cart).filter(([name]) => name !== dish)
  return Object.fromEntries(quantity > 0 ? [...others, [dish, quantity]] : others)
}

/** The cart's lines in the menu's order. A dish that has left the menu has left the cart. */
export function cartLines(cart: Cart, menu: readonly Dish[]): Line[] {
  return menu.flatMap((dish) => {
    const quantity = cart[dish.name] ?? 0
    return quantity > 0 ? [{ dish, quantity, amount: dish.price * quantity }] : []
  })
}

/** What the lines cost together, in cents. An estimate: what is paid is the total that validation writes. */
export function cartTotal(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0)
}

/** How many dishes there are. */
export function cartCount(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0)
}
