import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  StatusBadge,
  ALL_STATUSES,
  clockTime,
  isStatus,
  money,
  orderPath,
  staffMessage,
  statusStyle,
  useLive,
} from '@threefactor/shared'
import { Download, ReceiptText, Search } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'

import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { OrderSummariesDocument, type OrderSummariesSubscription } from '../../gql/graphql'
import classes from './OrdersPage.module.css'
import { conditionOf, csv } from './search'

/** Limit of the role in permissions.json. */
const MAX_SHOWN = 100
/** Time without a key after which a search begins. */
const TYPING_MS = 250

type Order = OrderSummariesSubscription['order_summaries'][number]

/** Orders with search, filter and export; search and filter are in the address. */
export function OrdersPage() {
  const [params, setParams] = useSearchParams()
  const search = params.get('search') ?? ''
  const text = params.get('status')
  const status = text !== null && isStatus(text) ? text : undefined
  const [sent] = useDebouncedValue(search, TYPING_MS)
  const { data, loading, error, retry } = useLive(OrderSummariesDocument, {
    where: conditionOf(sent, status),
    limit: MAX_SHOWN,
  })
  const orders = nonNullRows(useThrottled(data, 250)?.order_summaries, 'order_id', 'status', 'created')
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before)
        if (value === '') after.delete(name)
        else after.set(name, value)
        return after
      },
      { replace: true },
    )
  return (
    <>
      <PageTitle title="Orders">
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          disabled={orders.length === 0}
          onClick={() => download(orders)}
        >
          Export as CSV
        </Button>
      </PageTitle>
      <Panel title="Newest first">
        <div className={classes.filters}>
          <TextInput
            type="search"
            label="Search"
            placeholder="Number, customer or address"
            leftSection={<Search size={17} aria-hidden />}
            value={search}
            onChange={(event) => set('search', event.currentTarget.value)}
          />
          <NativeSelect
            label="Status"
            value={status ?? ''}
            onChange={(event) => set('status', event.currentTarget.value)}
            data={[
              { value: '', label: 'All' },
              ...ALL_STATUSES.map((status) => ({ value: status, label: statusStyle(status).label })),
            ]}
          />
        </div>
        {loading && <LoadingState rows={8} label="Loading the orders" />}
        {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
        {data && orders.length === 0 && (
          <EmptyState icon={<ReceiptText size={26} />} title="No orders match" />
        )}
        <ul className={classes.list} aria-label="Orders">
          {orders.map((order) => (
            <li key={order.order_id} data-order={order.order_id}>
              <Link href={orderPath(order.order_id)} className={classes.row}>
                <span className={classes.what}>
                  <span className={classes.items}>{order.items ?? 'No items'}</span>
                  <span className={classes.more}>
                    #{order.order_id.slice(0, 8)} · {clockTime(order.created)} · {order.user_id} ·{' '}
                    {order.restaurant ?? `Restaurant ${order.restaurant_id}`}
                  </span>
                </span>
                <span className={classes.total}>{order.total !== null && money(order.total)}</span>
                <span className={classes.status}>
                  <StatusBadge status={order.status} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
        {orders.length >= MAX_SHOWN && <p className={classes.more}>Showing the {MAX_SHOWN} newest orders.</p>}
      </Panel>
    </>
  )
}

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
] as const satisfies (keyof Order)[]

/** Saves the orders that are shown as a file. */
function download(orders: readonly Order[]): void {
  const text = csv(
    COLUMNS,
    orders.map((order) => COLUMNS.map((column) => order[column])),
  )
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'orders.csv'
  link.click()
  URL.revokeObjectURL(url)
}
