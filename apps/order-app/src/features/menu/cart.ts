/** Quantity of each dish, by name. Quantities are positive. */
export type Cart = Readonly<Record<string, number>>

export interface Dish {
  name: string
  /** In cents. */
  price: number
  available: boolean
}

export interface Line {
  dish: Dish
  quantity: number
  /** Price × quantity, in cents. */
  amount: number
}

/** Returns the cart with another quantity of a dish; 0 removes it. */
export function withQuantity(cart: Cart, dish: string, quantity: number): Cart {
  const others = Object.entries(cart).filter(([name]) => name !== dish)
  return Object.fromEntries(quantity > 0 ? [...others, [dish, quantity]] : others)
}

/** Returns the lines of the cart in the order of the menu, without dishes that are no longer on it. */
export function cartLines(cart: Cart, menu: readonly Dish[]): Line[] {
  return menu.flatMap((dish) => {
    const quantity = cart[dish.name] ?? 0
    return quantity > 0 ? [{ dish, quantity, amount: dish.price * quantity }] : []
  })
}

/** Returns the sum of the lines in cents. It is an estimate: the customer pays the total that validation stores. */
export function cartTotal(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0)
}

/** Returns the number of dishes. */
export function cartCount(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0)
}
