/** Maximum quantity of one dish in an order; the database has the same limit. */
export const MAX_QUANTITY = 99

/** Dish in the cart. */
export interface Entry {
  /** Positive, at most {@link MAX_QUANTITY}. */
  readonly quantity: number
  /** Price in cents that the customer has seen and accepted. */
  readonly price: number
}

/** Restaurant of a cart: an order is from one restaurant. */
export interface CartRestaurant {
  readonly id: number
  readonly name: string
}

/** Dishes of one restaurant; a cart without dishes does not exist. */
export interface Cart {
  readonly restaurant: CartRestaurant
  /** Entries by the name of the dish. */
  readonly dishes: Readonly<Record<string, Entry>>
}

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
  /** Whether the restaurant has removed the dish from its menu. */
  offMenu: boolean
}

/** Returns the cart with another quantity of a dish at its present price; 0 removes it. A cart of another restaurant is replaced. */
export function withQuantity(
  cart: Cart | undefined,
  restaurant: CartRestaurant,
  dish: Pick<Dish, 'name' | 'price'>,
  quantity: number,
): Cart | undefined {
  const before = cart?.restaurant.id === restaurant.id ? cart.dishes : {}
  const others = Object.entries(before).filter(([name]) => name !== dish.name)
  if (quantity <= 0) return cartOfEntries(restaurant, others)
  // A change of the quantity does not accept a new price.
  const price = before[dish.name]?.price ?? dish.price
  const entry = { quantity: Math.min(quantity, MAX_QUANTITY), price }
  return cartOfEntries(restaurant, [...others, [dish.name, entry]])
}

/** Returns the cart with the present prices accepted. */
export function withPrices(cart: Cart | undefined, menu: readonly Dish[]): Cart | undefined {
  if (!cart) return undefined
  const prices = new Map(menu.map(({ name, price }) => [name, price]))
  return cartOfEntries(
    cart.restaurant,
    Object.entries(cart.dishes).map(([name, entry]) => [
      name,
      { ...entry, price: prices.get(name) ?? entry.price },
    ]),
  )
}

function cartOfEntries(restaurant: CartRestaurant, entries: [string, Entry][]): Cart | undefined {
  return entries.length > 0 ? { restaurant, dishes: Object.fromEntries(entries) } : undefined
}

/** Cart with the dishes of an earlier order. */
export interface Restored {
  cart: Cart | undefined
  /** Names of the dishes that are no longer on the menu. */
  missing: string[]
}

/** Returns a cart with the dishes of an earlier order, at present prices. */
export function restoredCart(
  items: readonly { item: string; quantity: number }[],
  restaurant: CartRestaurant,
  menu: readonly Dish[],
): Restored {
  let cart: Cart | undefined
  const missing = new Set<string>()
  for (const { item, quantity } of items) {
    const dish = menu.find(({ name }) => name === item)
    if (dish) cart = withQuantity(cart, restaurant, dish, (cart?.dishes[item]?.quantity ?? 0) + quantity)
    else missing.add(item)
  }
  return { cart, missing: [...missing] }
}

/** Returns a stored cart, or undefined if the value does not have the form of one. */
export function parseCart(value: unknown): Cart | undefined {
  if (!isRecord(value) || !isRecord(value.restaurant) || !isRecord(value.dishes)) return undefined
  const { id, name } = value.restaurant
  const entries = Object.values(value.dishes)
  const valid =
    isInteger(id, 0, Number.MAX_SAFE_INTEGER) &&
    typeof name === 'string' &&
    entries.length > 0 &&
    entries.every(
      (entry) =>
        isRecord(entry) &&
        isInteger(entry.quantity, 1, MAX_QUANTITY) &&
        isInteger(entry.price, 0, Number.MAX_SAFE_INTEGER),
    )
  return valid ? (value as unknown as Cart) : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInteger(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}

/**
 * Returns the lines of the cart: the dishes on the menu in its order, then those that are no longer on it.
 *
 * @param menu undefined while it is loading; the lines are then as the customer left them
 */
export function cartLines(cart: Cart | undefined, menu: readonly Dish[] | undefined): Line[] {
  if (!cart) return []
  const names = Object.keys(cart.dishes)
  const known = menu ?? names.map((name) => ({ name, price: cart.dishes[name]?.price ?? 0, available: true }))
  const removed = names
    .filter((name) => !known.some((dish) => dish.name === name))
    .map((name) => ({ name, price: cart.dishes[name]?.price ?? 0, available: false }))
  return [...known, ...removed].flatMap((dish, index) => {
    const entry = cart.dishes[dish.name]
    if (!entry) return []
    const { quantity, price } = entry
    const oldPrice = price === dish.price ? undefined : price
    return [{ dish, quantity, amount: dish.price * quantity, oldPrice, offMenu: index >= known.length }]
  })
}

/** Returns the sum of the lines in cents. It is an estimate: the customer pays the total that validation stores. */
export function cartTotal(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0)
}

/** Returns the number of dishes. */
export function cartCount(cart: Cart | undefined): number {
  return Object.values(cart?.dishes ?? {}).reduce((sum, { quantity }) => sum + quantity, 0)
}
