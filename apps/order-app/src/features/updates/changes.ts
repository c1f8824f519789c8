import { isFinal } from '../orders/groups'

/** Order as its updates need it. */
export interface Followed {
  order_id: string
  status?: string | null
}

/** What an app remembers of the orders that it follows. */
export interface Memory {
  /** Status of each order at the last result; undefined before the first. */
  statuses: ReadonlyMap<string, string> | undefined
  /** Orders that ended while the page was hidden, and have not been seen since. */
  unseen: ReadonlySet<string>
}

export const NOTHING_SEEN: Memory = { statuses: undefined, unseen: new Set() }

/** Returns the orders whose status has changed since the last result. The first result changes nothing. */
export function changedOrders<Order extends Followed>(memory: Memory, orders: readonly Order[]): Order[] {
  const { statuses } = memory
  if (!statuses) return []
  return orders.filter((order) => {
    const before = statuses.get(order.order_id)
    return before !== undefined && before !== statusOf(order)
  })
}

/** Returns the memory after a result. */
export function remembered(memory: Memory, orders: readonly Followed[], isHidden: boolean): Memory {
  const ended = isHidden ? changedOrders(memory, orders).filter(({ status }) => isFinal(status)) : []
  return {
    statuses: new Map(orders.map((order) => [order.order_id, statusOf(order)])),
    unseen: isHidden ? new Set([...memory.unseen, ...ended.map(({ order_id }) => order_id)]) : new Set(),
  }
}

/** Returns the order that title and icon of the page show: the newest that ended unseen, or that is in progress. */
export function shownOrder<Order extends Followed>(
  orders: readonly Order[],
  unseen: ReadonlySet<string>,
): Order | undefined {
  return orders.find(({ order_id, status }) => unseen.has(order_id) || !isFinal(status))
}

function statusOf({ status }: Followed): string {
  return status ?? 'placed'
}

/** Icon of the page for a status. */
export type PageIcon = 'default' | 'action' | 'progress' | 'done' | 'closed'

/** Returns the icon for the status of the order that is shown; the default without one. */
export function iconOf(status: string | null | undefined): PageIcon {
  switch (status) {
    case undefined:
      return 'default'
    case 'validated':
      return 'action'
    case 'delivered':
      return 'done'
    default:
      return isFinal(status) ? 'closed' : 'progress'
  }
}
