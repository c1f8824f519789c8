import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  StatusBadge,
  clockTime,
  integerText,
  minuteTime,
  money,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import type { ReactNode } from 'react'
import type { TypedDocumentNode } from 'urql'

import type { RecentOrdersSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { restaurant as texts } from '../../texts/restaurant'
import classes from './OrderList.module.css'
import { readyAt, type Preparation } from './ready'

/** Order of a list; with its preparation if that is not complete. */
type ListedOrder = RecentOrdersSubscription['orders'][number] & Preparation

/** Orders of a restaurant that need no answer. */
export function OrderList({
  restaurant,
  title,
  orders,
  usualMinutes,
  icon,
  empty,
  children,
}: {
  restaurant: number
  title: string
  orders: TypedDocumentNode<{ orders: ListedOrder[] }, { restaurant: number }>
  /** Minutes that the restaurant usually needs for an order. */
  usualMinutes: number
  icon: ReactNode
  /** Shown if there are no orders; the children explain it. */
  empty: string
  children: ReactNode
}) {
  const { data, loading, error, retry } = useLive(orders, { restaurant })
  return (
    <Panel title={title}>
      {loading && <LoadingState rows={3} label={common.loadingList(title)} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data?.orders.length === 0 && (
        <EmptyState icon={icon} title={empty}>
          {children}
        </EmptyState>
      )}
      <ul className={classes.list} aria-label={title}>
        {data?.orders.map((order) => (
          <Row key={order.order_id} order={order} ready={readyAt(order, usualMinutes)} />
        ))}
      </ul>
    </Panel>
  )
}

function Row({ order, ready }: { order: ListedOrder; ready: string | undefined }) {
  const { order_id, created, status, total, items, close_reason, note } = order
  return (
    <li className={classes.row} data-order={order_id}>
      <span>
        <span className={classes.items}>{summary(items)}</span>
        <span className={classes.more}>
          {clockTime(created)} · {common.number(order_id)}
          {close_reason !== null && ` · ${close_reason}`}
        </span>
        {ready !== undefined && <span className={classes.ready}>{common.readyBy(minuteTime(ready))}</span>}
        {note !== null && <span className={classes.note}>{common.note(note)}</span>}
      </span>
      <span className={classes.total}>{total != null && money(total)}</span>
      <StatusBadge status={status ?? 'paid'} />
    </li>
  )
}

function summary(items: readonly { item: string; quantity: number }[]): string {
  return items
    .map(({ item, quantity }) => (quantity > 1 ? texts.quantity(integerText(quantity), item) : item))
    .join(', ')
}
