import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  StatusBadge,
  clockTime,
  money,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { ReceiptText } from 'lucide-react'

import { RestaurantOrdersDocument } from '../../gql/graphql'
import classes from './RecentOrders.module.css'

/** Newest paid orders of a restaurant. */
export function RecentOrders({ restaurant }: { restaurant: number }) {
  const { data, loading, error, retry } = useLive(RestaurantOrdersDocument, { restaurant })
  return (
    <Panel title="Recent orders">
      {loading && <LoadingState rows={4} label="Loading the recent orders" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data?.orders.length === 0 && (
        <EmptyState icon={<ReceiptText size={26} />} title="No orders yet">
          Paid orders appear here.
        </EmptyState>
      )}
      <ul className={classes.list} aria-label="Recent orders">
        {data?.orders.map(({ order_id, created, status, total, items }) => (
          <li key={order_id} className={classes.row} data-order={order_id}>
            <span>
              <span className={classes.items}>{summary(items)}</span>
              <span className={classes.more}>
                {clockTime(created)} · #{order_id.slice(0, 8)}
              </span>
            </span>
            <span className={classes.total}>{total != null && money(total)}</span>
            <StatusBadge status={status ?? 'paid'} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function summary(items: readonly { item: string; quantity: number }[]): string {
  return items.map(({ item, quantity }) => (quantity > 1 ? `${quantity} × ${item}` : item)).join(', ')
}
