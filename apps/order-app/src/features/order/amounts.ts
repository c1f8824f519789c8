/**
 * Returns the amount of each line of an order at current prices, or undefined if they do not add up to the order's total:
 * then prices have changed since the order was placed.
 */
export function lineAmounts(
  items: readonly { item: string; quantity: number }[],
  menu: readonly { name: string; price: number }[],
  total: number | null | undefined,
): number[] | undefined {
  const prices = new Map(menu.map(({ name, price }) => [name, price]))
  const amounts = items.map(({ item, quantity }) => (prices.get(item) ?? NaN) * quantity)
  const sum = amounts.reduce((sum, amount) => sum + amount, 0)
  return sum === total ? amounts : undefined
}
