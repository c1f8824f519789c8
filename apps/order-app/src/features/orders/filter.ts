import { STATUSES, type Status } from '@threefactor/shared'

/** Filter of the order list. */
export type Filter = Status | 'all'

/** Returns the number of orders per status, without statuses that no order has. */
export function countByStatus(orders: readonly { status?: string | null }[]): Map<Status, number> {
  const counts = new Map<Status, number>()
  for (const status of STATUSES) {
    const count = orders.reduce((sum, order) => sum + (order.status === status ? 1 : 0), 0)
    if (count > 0) counts.set(status, count)
  }
  return counts
}

/** Returns the orders that match the filter, in the same order. */
export function filtered<Order extends { status?: string | null }>(
  orders: readonly Order[],
  filter: Filter,
): readonly Order[] {
  return filter === 'all' ? orders : orders.filter((order) => order.status === filter)
}

/** Returns a summary such as `2 × pizza, burger`. */
export function summary(items: readonly { item: string; quantity: number }[]): string {
  return items.map(({ item, quantity }) => (quantity > 1 ? `${quantity} × ${item}` : item)).join(', ')
}
