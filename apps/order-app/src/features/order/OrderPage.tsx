import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  StatusBadge,
  customerMessage,
  useLive,
} from '@threefactor/shared'
import { ArrowLeft, SearchX } from 'lucide-react'
import { Link } from 'wouter'

import { OrderDocument, RestaurantsDocument } from '../../gql/graphql'
import { PaymentForm } from '../payment/PaymentForm'
import { Advice } from './Advice'
import classes from './OrderPage.module.css'
import { OrderProgress } from './OrderProgress'
import { Receipt } from './Receipt'
import { Stepper } from './Stepper'

/** Page of one order. */
export function OrderPage({ user, id }: { user: string; id: string }) {
  const { data, loading, error, retry } = useLive(OrderDocument, { id })
  const restaurants = useLive(RestaurantsDocument, {}).data?.restaurants ?? []
  // In open mode the backend also returns orders of other customers.
  const order = data?.orders_by_pk?.user_id === user ? data.orders_by_pk : undefined
  return (
    <>
      <Link href="/orders" className={classes.back}>
        <ArrowLeft size={16} aria-hidden /> All orders
      </Link>
      <PageTitle title={`Order ${id.slice(0, 8)}`}>
        {order && <StatusBadge status={order.status ?? 'placed'} />}
      </PageTitle>
      {loading && <LoadingState rows={5} label="Loading the order" />}
      {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
      {data && !order && (
        <EmptyState icon={<SearchX size={28} />} title="Order not found">
          Check the link, or open <Link href="/orders">your orders</Link>.
        </EmptyState>
      )}
      {order && (
        <div className={classes.page}>
          <Stepper order={order} />
          <Advice status={order.status} problem={order.problem} history={order.order_history} />
          <div className={classes.columns}>
            <div className={classes.column}>
              {order.status === 'validated' && order.total != null && (
                <PaymentForm orderId={id} total={order.total} name={user} />
              )}
              <Receipt
                order={order}
                restaurant={restaurants.find((each) => each.id === order.restaurant_id)?.name}
              />
            </div>
            <OrderProgress
              created={order.created}
              history={order.order_history}
              payments={order.payments}
              problem={order.problem}
              driver={order.assignment[0]?.driver.name}
            />
          </div>
        </div>
      )}
    </>
  )
}
