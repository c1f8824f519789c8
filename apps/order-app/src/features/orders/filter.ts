import { STATUSES, type Status } from '@threefactor/shared'

/** Which orders are shown. */
export type Filter = Status | 'all'

/** How many of the orders have each status; those that none has are left out. */
export function countByStatus(orders: readonly { status?: string | null }[]): Map<Status, number> {
  const counts = new Map<Status, number>()
  for (const status of STATUSES) {
    const count = orders.reduce((sum, order) => sum + (order.status === status ? 1 : 0), 0)
    if (count > 0) counts.set(status, count)
  }
  return counts
}

/** The orders that the filter lets through, in their order. */
export function filtered<Order extends { status?: string | null }>(
  orders: readonly Order[],
  filter: Filter,
): readonly Order[] {
  return filter === 'all' ? orders : orders.filter((order) => order.status === filter)
}

/** `2 × pizza, burger`. */
export function summary(items: readonly { item: string; quantity: number }[]): string {
  return items.map(({ item, quantity }) => (quantity > 1 ? `${quantity} × ${item}` : item)).join(', ')
}
