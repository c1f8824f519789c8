import type { Client } from 'urql'

import {
  ExportedOrdersDocument,
  ExportedRefundsDocument,
  type ExportedOrdersQuery,
  type Order_Summaries_Bool_Exp,
} from '../../gql/graphql'
import { csv } from './csv'
import { conditionAfter } from './search'

/** Orders per request: the limit of the role in permissions.json. */
const PAGE = 100
/** Maximum number of orders in a file. */
export const MAX_EXPORTED = 5_000

type Order = ExportedOrdersQuery['order_summaries'][number]

const COLUMNS = [
  'order_id',
  'created',
  'status',
  'user_id',
  'restaurant',
  'items',
  'total',
  'address',
  'driver',
  'problem',
  'close_reason',
] as const satisfies (keyof Order)[]

/**
 * Loads the newest orders that match a condition, page by page, and returns them as CSV with their refunds.
 *
 * @param onProgress receives the number of orders that are loaded
 * @throws CombinedError if a request fails
 */
export async function exportOrders(
  client: Client,
  condition: Order_Summaries_Bool_Exp,
  onProgress: (orders: number) => void,
): Promise<string> {
  const rows: (string | number | null)[][] = []
  let where = condition
  for (;;) {
    const orders = (await read(client.query(ExportedOrdersDocument, { where, limit: PAGE }))).order_summaries
    const ids = orders.flatMap(({ order_id }) => order_id ?? [])
    const { refunds } = await read(client.query(ExportedRefundsDocument, { ids }))
    const refunded = new Map(refunds.map(({ order_id, amount }) => [order_id, amount]))
    for (const order of orders) {
      rows.push([...COLUMNS.map((column) => order[column]), refunded.get(order.order_id ?? '') ?? null])
    }
    onProgress(rows.length)
    const last = orders.at(-1)
    if (orders.length < PAGE || rows.length >= MAX_EXPORTED || !last?.created || !last.order_id) break
    where = conditionAfter(condition, { created: last.created, order_id: last.order_id })
  }
  return csv([...COLUMNS, 'refunded'], rows)
}

async function read<Data>(query: {
  toPromise: () => Promise<{ data?: Data | undefined; error?: Error | undefined }>
}): Promise<Data> {
  const { data, error } = await query.toPromise()
  if (!data) throw error ?? new Error('the response has no data')
  return data
}
