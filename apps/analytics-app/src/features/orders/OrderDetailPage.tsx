import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  StatePicture,
  StatusBadge,
  clockTime,
  money,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Link } from 'wouter'

import { BackLink } from '../../common/BackLink'
import { OrderDetailDocument, OrderPaymentsDocument, OrderRefundsDocument } from '../../gql/graphql'
import classes from './OrderDetailPage.module.css'
import { OrderTimeline } from './OrderTimeline'

/** Order with its history and payments. */
export function OrderDetailPage({ id }: { id: string }) {
  const { data, loading, error, retry } = useLive(OrderDetailDocument, { id })
  const payments = useLive(OrderPaymentsDocument, { id }).data?.payments ?? []
  const refunds = useLive(OrderRefundsDocument, { id }).data?.refunds ?? []
  const order = data?.order_summaries[0]
  return (
    <>
      <BackLink href="/orders">All orders</BackLink>
      <PageTitle
        title={`Order ${id.slice(0, 8)}`}
        subtitle={order?.created == null ? undefined : clockTime(order.created)}
      >
        {order?.status != null && <StatusBadge status={order.status} />}
      </PageTitle>
      {loading && <LoadingState rows={5} label="Loading the order" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && !order && (
        <EmptyState picture={<StatePicture name="not-found" />} title="Order not found">
          Check the link, or open <Link href="/orders">all orders</Link>.
        </EmptyState>
      )}
      {order && (
        <div className={classes.columns}>
          <Panel title="Order">
            <dl className={classes.facts}>
              <dt>Id</dt>
              <dd className={classes.id}>{id}</dd>
              <dt>Customer</dt>
              <dd>{order.user_id}</dd>
              <dt>Items</dt>
              <dd>{order.items ?? 'No items'}</dd>
              <dt>Total</dt>
              <dd>{order.total === null ? '–' : money(order.total)}</dd>
              <dt>Address</dt>
              <dd>{order.address}</dd>
              <dt>Restaurant</dt>
              <dd>{order.restaurant ?? `Restaurant ${order.restaurant_id}`}</dd>
              {order.driver !== null && (
                <>
                  <dt>Driver</dt>
                  <dd>{order.driver}</dd>
                </>
              )}
              {order.problem !== null && (
                <>
                  <dt>Refused</dt>
                  <dd>{order.problem}</dd>
                </>
              )}
              {order.close_reason !== null && (
                <>
                  <dt>Closed</dt>
                  <dd>{order.close_reason}</dd>
                </>
              )}
              {payments.map(({ id, attempt, ...payment }) => (
                <Money key={id} label={`Payment ${attempt}`} {...payment} />
              ))}
              {refunds.map(({ id, ...refund }) => (
                <Money key={id} label="Refund" {...refund} />
              ))}
            </dl>
          </Panel>
          <OrderTimeline id={id} placed={order.created} />
        </div>
      )}
    </>
  )
}

/** Payment or refund. */
function Money({
  label,
  amount,
  status,
  created,
}: {
  label: string
  amount: number
  status: string
  created: string
}) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {money(amount)} {status} · {clockTime(created)}
      </dd>
    </>
  )
}
