import { CLOSED_STATUSES } from '@threefactor/shared'

import { orders as texts } from '../../texts/orders'

/** Order in the list, with the heading above it if it is the first of its group. */
export interface Row<Order> {
  order: Order
  heading: string | undefined
}

/** Statuses after which nothing happens. */
const FINAL = new Set<string>(['refused', 'delivered', ...CLOSED_STATUSES])

/** Returns whether an order with this status is complete. */
export function isFinal(status: string | null | undefined): boolean {
  return FINAL.has(status ?? '')
}

/**
 * Returns the orders in groups: those in progress, then the others by day. The sort order is kept within a group.
 *
 * @param dayName name of the day of a timestamp
 */
export function grouped<Order extends { status?: string | null; created: string }>(
  orders: readonly Order[],
  dayName: (created: string) => string,
): Row<Order>[] {
  const inProgress = orders.filter(({ status }) => !isFinal(status))
  const past = orders.filter(({ status }) => isFinal(status))
  const rows: Row<Order>[] = inProgress.map((order, index) => ({
    order,
    heading: index === 0 ? texts.inProgress : undefined,
  }))
  let day: string | undefined
  for (const order of past) {
    const name = dayName(order.created)
    rows.push({ order, heading: name === day ? undefined : name })
    day = name
  }
  return rows
}
