import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  StatusBadge,
  customerMessage,
  orderPath,
  shortTime,
  useLive,
} from '@threefactor/shared'
import { Link } from 'wouter'

import { OrdersDocument } from '../../gql/graphql'
import { account as texts } from '../../texts/account'
import { common } from '../../texts/common'
import { summary } from '../orders/filter'
import { useRestaurants } from '../restaurant/RestaurantsProvider'
import classes from './AccountPage.module.css'

const MAX_ORDERS = 3

/** Newest orders of the customer, with a link to all of them. */
export function LatestOrders({ user }: { user: string }) {
  const { data, loading, error, retry } = useLive(OrdersDocument, { user, limit: MAX_ORDERS })
  const { restaurants } = useRestaurants()
  return (
    <Panel title={texts.orders}>
      {loading && <LoadingState rows={MAX_ORDERS} label={texts.loadingOrders} />}
      {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
      {data?.orders.length === 0 && (
        <EmptyState title={texts.noOrders}>
          <Link href="/">{common.toRestaurants}</Link>
        </EmptyState>
      )}
      {data && data.orders.length > 0 && (
        <>
          <ul className={classes.orders} aria-label={texts.orders}>
            {data.orders.map(({ order_id, created, items, status, restaurant_id }) => (
              <li key={order_id} data-order={order_id}>
                <Link href={orderPath(order_id)} className={classes.order}>
                  <span className={classes.what}>
                    <span className={classes.items}>{summary(items)}</span>
                    <span className={classes.when}>
                      {[restaurants?.find(({ id }) => id === restaurant_id)?.name, shortTime(created)]
                        .filter((part) => part !== undefined)
                        .join(' · ')}
                    </span>
                  </span>
                  <StatusBadge status={status ?? 'placed'} />
                </Link>
              </li>
            ))}
          </ul>
          <Link href="/orders">{texts.allOrders}</Link>
        </>
      )}
    </Panel>
  )
}
