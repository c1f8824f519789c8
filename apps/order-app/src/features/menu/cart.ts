/** Maximum quantity of one dish in an order; the database has the same limit. */
export const MAX_QUANTITY = 99

/** Dish in the cart. */
export interface Entry {
  /** Positive, at most {@link MAX_QUANTITY}. */
  quantity: number
  /** Price in cents that the customer has seen and accepted. */
  price: number
}

/** Entries by the name of the dish. */
export type Cart = Readonly<Record<string, Entry>>

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
  /** Price that the customer has accepted, if it is not the present one. */
  oldPrice: number | undefined
}

/** Returns the cart with another quantity of a dish at its present price; 0 removes it. */
export function withQuantity(cart: Cart, dish: Pick<Dish, 'name' | 'price'>, quantity: number): Cart {
  const others = Object.entries(cart).filter(([name]) => name !== dish.name)
  if (quantity <= 0) return Object.fromEntries(others)
  // A change of the quantity does not accept a new price.
  const price = cart[dish.name]?.price ?? dish.price
  const entry = { quantity: Math.min(quantity, MAX_QUANTITY), price }
  return Object.fromEntries([...others, [dish.name, entry]])
}

/** Returns the cart with the present prices accepted. */
export function withPrices(cart: Cart, menu: readonly Dish[]): Cart {
  const prices = new Map(menu.map(({ name, price }) => [name, price]))
  return Object.fromEntries(
    Object.entries(cart).map(([name, entry]) => [name, { ...entry, price: prices.get(name) ?? entry.price }]),
  )
}

/** Returns a cart with the dishes of an earlier order that are still on the menu. */
export function cartOf(items: readonly { item: string; quantity: number }[], menu: readonly Dish[]): Cart {
  return items.reduce<Cart>((cart, { item, quantity }) => {
    const dish = menu.find(({ name }) => name === item)
    return dish ? withQuantity(cart, dish, (cart[item]?.quantity ?? 0) + quantity) : cart
  }, {})
}

/** Returns a stored cart, or undefined if the value does not have the form of one. */
export function parseCart(value: unknown): Cart | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const valid = Object.values(value).every((entry: unknown) => {
    const { quantity, price } = (entry ?? {}) as Partial<Entry>
    return isInteger(quantity, 1, MAX_QUANTITY) && isInteger(price, 0, Number.MAX_SAFE_INTEGER)
  })
  return valid ? (value as Cart) : undefined
}

function isInteger(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}

/** Returns the lines of the cart in the order of the menu, without dishes that are no longer on it. */
export function cartLines(cart: Cart, menu: readonly Dish[]): Line[] {
  return menu.flatMap((dish) => {
    const entry = cart[dish.name]
    if (!entry) return []
    const { quantity, price } = entry
    const oldPrice = price === dish.price ? undefined : price
    return [{ dish, quantity, amount: dish.price * quantity, oldPrice }]
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
