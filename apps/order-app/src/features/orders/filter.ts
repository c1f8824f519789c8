import { ALL_STATUSES, integerText, isStatus, type AnyStatus } from '@threefactor/shared'

import { orders as texts } from '../../texts/orders'

/** Filter of the order list. */
export type Filter = AnyStatus | 'all'

/** Returns the filter in the address of the page. */
export function filterOf(text: string | null): Filter {
  return text !== null && isStatus(text) ? text : 'all'
}

/** Returns the number of orders per status, without statuses that no order has. */
export function countByStatus(orders: readonly { status?: string | null }[]): Map<AnyStatus, number> {
  const counts = new Map<AnyStatus, number>()
  for (const status of ALL_STATUSES) {
    const count = orders.reduce((sum, order) => sum + (order.status === status ? 1 : 0), 0)
    if (count > 0) counts.set(status, count)
  }
  return counts
}

interface Searchable {
  order_id: string
  status?: string | null
  items: readonly { item: string }[]
  /** Name; undefined until it is known. */
  restaurant?: string | undefined
}

/** Returns the orders that match the filter and contain the text in their number, restaurant or a dish, in the same order. */
export function filtered<Order extends Searchable>(
  orders: readonly Order[],
  filter: Filter,
  search = '',
): readonly Order[] {
  const text = search.trim().replace(/^#/, '').toLocaleLowerCase()
  if (filter === 'all' && text === '') return orders
  return orders.filter(
    ({ status, order_id, items, restaurant = '' }) =>
      (filter === 'all' || status === filter) &&
      (order_id.startsWith(text) ||
        [restaurant, ...items.map(({ item }) => item)].some((name) =>
          name.toLocaleLowerCase().includes(text),
        )),
  )
}

/** Returns a summary such as `2 × pizza, burger`. */
export function summary(items: readonly { item: string; quantity: number }[]): string {
  return items
    .map(({ item, quantity }) => (quantity > 1 ? texts.quantity(integerText(quantity), item) : item))
    .join(', ')
}
