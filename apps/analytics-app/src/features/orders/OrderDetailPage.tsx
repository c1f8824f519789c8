import {
  BackLink,
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  StatePicture,
  StatusBadge,
  clockTime,
  minutesText,
  money,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Link } from 'wouter'

import { OrderDetailDocument, OrderPaymentsDocument, OrderRefundsDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { orders as texts } from '../../texts/orders'
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
      <BackLink href="/orders">{texts.back}</BackLink>
      <PageTitle
        title={texts.titleOf(id)}
        subtitle={order?.created == null ? undefined : clockTime(order.created)}
      >
        {order?.status != null && <StatusBadge status={order.status} />}
      </PageTitle>
      {loading && <LoadingState rows={5} label={texts.loadingOrder} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && !order && (
        <EmptyState picture={<StatePicture name="not-found" />} title={texts.notFound}>
          {texts.notFoundHint}
          <Link href="/orders">{texts.allOrders}</Link>
        </EmptyState>
      )}
      {order && (
        <div className={classes.columns}>
          <Panel title={texts.order}>
            <dl className={classes.facts}>
              <dt>{texts.id}</dt>
              <dd className={classes.id}>{id}</dd>
              <dt>{texts.customer}</dt>
              <dd>{order.user_id}</dd>
              <dt>{texts.items}</dt>
              <dd className={classes.items}>{order.items ?? common.noItems}</dd>
              <dt>{texts.total}</dt>
              <dd>{order.total === null ? common.noValue : money(order.total)}</dd>
              <dt>{texts.address}</dt>
              <dd>{order.address}</dd>
              {order.note !== null && (
                <>
                  <dt>{texts.note}</dt>
                  <dd>{order.note}</dd>
                </>
              )}
              <dt>{texts.restaurant}</dt>
              <dd>{order.restaurant ?? common.restaurant(order.restaurant_id)}</dd>
              {order.preparation_minutes !== null && (
                <>
                  <dt>{texts.preparation}</dt>
                  <dd>{minutesText(order.preparation_minutes)}</dd>
                </>
              )}
              {order.driver !== null && (
                <>
                  <dt>{texts.driver}</dt>
                  <dd>{order.driver}</dd>
                </>
              )}
              {order.problem !== null && (
                <>
                  <dt>{texts.refused}</dt>
                  <dd>{order.problem}</dd>
                </>
              )}
              {order.close_reason !== null && (
                <>
                  <dt>{texts.closed}</dt>
                  <dd>{order.close_reason}</dd>
                </>
              )}
              {payments.map(({ id, attempt, ...payment }) => (
                <Money
                  key={id}
                  label={payments.length > 1 ? texts.paymentOf(attempt) : texts.payment}
                  {...payment}
                />
              ))}
              {refunds.map(({ id, ...refund }) => (
                <Money key={id} label={texts.refund} {...refund} />
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
      <dd>{texts.money(money(amount), status, clockTime(created))}</dd>
    </>
  )
}
