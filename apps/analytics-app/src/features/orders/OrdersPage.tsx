import { useDebouncedValue } from '@mantine/hooks'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  StatusBadge,
  clockTime,
  integerText,
  isStatus,
  money,
  orderPath,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { ReceiptText } from 'lucide-react'
import { Link } from 'wouter'

import { nonNullRows } from '../../common/nonNull'
import { useAddress } from '../../common/useAddress'
import { useThrottled } from '../../common/useThrottled'
import { OrderSummariesDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { orders as texts } from '../../texts/orders'
import { ExportButton } from './ExportButton'
import { OrderFilters } from './OrderFilters'
import classes from './OrdersPage.module.css'
import { conditionOf } from './search'

/** Limit of the role in permissions.json. */
const MAX_SHOWN = 100
/** Time without a key after which a search begins. */
const TYPING_MS = 250

/** Orders with search, filters and export; search and filters are in the address. */
export function OrdersPage() {
  const [params, set] = useAddress()
  const search = params.get('search') ?? ''
  const [statusText, restaurantText] = [params.get('status') ?? '', params.get('restaurant') ?? '']
  const status = isStatus(statusText) ? statusText : undefined
  const restaurant = /^\d{1,9}$/.test(restaurantText) ? Number(restaurantText) : undefined
  const [sent] = useDebouncedValue(search, TYPING_MS)
  const condition = conditionOf({ search: sent, status, restaurant })
  const { data, loading, error, retry } = useLive(OrderSummariesDocument, {
    where: condition,
    limit: MAX_SHOWN,
  })
  const orders = nonNullRows(useThrottled(data, 250)?.order_summaries, 'order_id', 'status', 'created')
  return (
    <>
      <PageTitle title={texts.title}>
        <ExportButton condition={condition} disabled={orders.length === 0} />
      </PageTitle>
      <Panel title={texts.newestFirst}>
        <OrderFilters search={search} status={status} restaurant={restaurant} onChange={set} />
        {loading && <LoadingState rows={8} label={texts.loading} />}
        {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
        {data && orders.length === 0 && <EmptyState icon={<ReceiptText size={26} />} title={texts.noMatch} />}
        <ul className={classes.list} aria-label={texts.title}>
          {orders.map((order) => (
            <li key={order.order_id} data-order={order.order_id}>
              <Link href={orderPath(order.order_id)} className={classes.row}>
                <span className={classes.what}>
                  <span className={classes.items}>{order.items ?? common.noItems}</span>
                  <span className={classes.more}>
                    {common.number(order.order_id)} · {clockTime(order.created)} · {order.user_id} ·{' '}
                    {order.restaurant ?? common.restaurant(order.restaurant_id)}
                  </span>
                  {(order.close_reason ?? order.problem) !== null && (
                    <span className={classes.reason}>{order.close_reason ?? order.problem}</span>
                  )}
                </span>
                <span className={classes.total}>{order.total !== null && money(order.total)}</span>
                <span className={classes.status}>
                  <StatusBadge status={order.status} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
        {orders.length >= MAX_SHOWN && <p className={classes.more}>{texts.newest(integerText(MAX_SHOWN))}</p>}
      </Panel>
    </>
  )
}
