import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  StatusBadge,
  clockTime,
  money,
  orderPath,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { ReceiptText } from 'lucide-react'
import { Link } from 'wouter'

import { useThrottled } from '../../common/useThrottled'
import { nonNullRows, type NonNullRow } from '../../common/nonNull'
import { NewestOrdersDocument, type NewestOrdersSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { overview as texts } from '../../texts/overview'
import classes from './NewestOrders.module.css'

type Order = NonNullRow<
  NewestOrdersSubscription['order_summaries'][number],
  'order_id' | 'status' | 'created'
>

/** Newest orders, of one restaurant or all. */
export function NewestOrders({ restaurant }: { restaurant: number | undefined }) {
  const { data, loading, error, retry } = useLive(NewestOrdersDocument, {
    where: restaurant === undefined ? {} : { restaurant_id: { _eq: restaurant } },
  })
  const orders = nonNullRows(useThrottled(data, 100)?.order_summaries, 'order_id', 'status', 'created')
  return (
    <Panel
      title={texts.newestOrders}
      aside={
        <Link href={restaurant === undefined ? '/orders' : `/orders?restaurant=${restaurant}`}>
          {texts.allOrders}
        </Link>
      }
    >
      {loading && <LoadingState rows={6} label={texts.loadingNewest} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && orders.length === 0 && (
        <EmptyState icon={<ReceiptText size={26} />} title={texts.noOrders}>
          {texts.noOrdersHint}
        </EmptyState>
      )}
      <ul className={classes.list} aria-label={texts.newestOrders}>
        {orders.map((order) => (
          <Row key={order.order_id} order={order} />
        ))}
      </ul>
    </Panel>
  )
}

function Row({ order }: { order: Order }) {
  return (
    <li className={classes.row} data-order={order.order_id}>
      <span className={classes.what}>
        <Link href={orderPath(order.order_id)} className={classes.items}>
          {order.items ?? common.noItems}
        </Link>
        <span className={classes.more}>
          {clockTime(order.created)} · {order.user_id} ·{' '}
          {order.restaurant ?? common.restaurant(order.restaurant_id)}
          {order.driver !== null && ` · ${order.driver}`}
        </span>
      </span>
      <span className={classes.total}>{order.total !== null && money(order.total)}</span>
      <span className={classes.status}>
        <StatusBadge status={order.status} />
      </span>
    </li>
  )
}
