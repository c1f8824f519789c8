import {
  BackLink,
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  StatePicture,
  customerMessage,
  shortTime,
  useLive,
} from '@threefactor/shared'
import { Link } from 'wouter'

import { OrderDocument, type OrderSubscription } from '../../gql/graphql'
import { order as texts } from '../../texts/order'
import { isTracked } from '../map/tracking'
import { TrackingPanel } from '../map/TrackingPanel'
import { useTracking } from '../map/useTracking'
import { isFinal } from '../orders/groups'
import { PaymentForm } from '../payment/PaymentForm'
import { useRestaurant } from '../restaurant/RestaurantsProvider'
import { NotifyButton } from '../updates/NotifyButton'
import { Advice } from './Advice'
import { Arrival } from './Arrival'
import { CancelOrder } from './CancelOrder'
import { headline } from './lifecycle'
import { OrderAgain } from './OrderAgain'
import classes from './OrderPage.module.css'
import { OrderProgress } from './OrderProgress'
import { Receipt } from './Receipt'
import { Stepper } from './Stepper'

/** Page of one order. */
export function OrderPage({ user, id }: { user: string; id: string }) {
  const { data, loading, error, retry } = useLive(OrderDocument, { id })
  // In open mode the backend also returns orders of other customers.
  const order = data?.orders_by_pk?.user_id === user ? data.orders_by_pk : undefined
  return (
    <div>
      <BackLink href="/orders">{texts.back}</BackLink>
      {order ? (
        <OrderDetails user={user} order={order} />
      ) : (
        <>
          <PageTitle title={texts.yourOrder} />
          {loading && <LoadingState rows={5} label={texts.loading} />}
          {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
          {data && (
            <EmptyState picture={<StatePicture name="not-found" />} title={texts.notFound}>
              {texts.notFoundHint}
              <Link href="/orders">{texts.yourOrders}</Link>
            </EmptyState>
          )}
        </>
      )}
    </div>
  )
}

function OrderDetails({
  user,
  order,
}: {
  user: string
  order: NonNullable<OrderSubscription['orders_by_pk']>
}) {
  const id = order.order_id
  const restaurant = useRestaurant(order.restaurant_id)
  const tracked = isTracked(order.status)
  const tracking = useTracking(id, tracked)
  const names = { restaurant: restaurant?.name, driver: order.assignment[0]?.driver.name }
  const payable = order.status === 'validated' && order.total != null
  // In place of the payment and the map, once they are gone.
  const receiptFirst = isFinal(order.status)
  const receipt = <Receipt order={order} restaurant={restaurant} />
  return (
    <div>
      <PageTitle
        title={headline(order.status, names)}
        subtitle={
          <>
            <Arrival status={order.status} eta={tracking?.eta} />
            <span className={classes.place}>
              {names.restaurant === undefined
                ? shortTime(order.created)
                : texts.place(names.restaurant, shortTime(order.created))}
            </span>
          </>
        }
      >
        {order.delivered && <OrderAgain items={order.items} restaurant={restaurant} label={texts.again} />}
        <NotifyButton status={order.status} />
      </PageTitle>
      <div className={classes.page}>
        <Stepper order={order} names={names} />
        <Advice order={order}>
          <OrderAgain
            items={order.items}
            restaurant={restaurant}
            label={order.problem == null ? texts.again : texts.change}
          />
        </Advice>
        <div className={classes.columns}>
          <div className={classes.column}>
            {tracked && <TrackingPanel tracking={tracking} />}
            {payable && <PaymentForm orderId={id} total={order.total ?? 0} name={user} />}
            <CancelOrder id={id} status={order.status} payBy={order.pay_by} />
            {receiptFirst && receipt}
          </div>
          <div className={classes.column}>
            <OrderProgress
              created={order.created}
              history={order.order_history}
              payments={order.payments}
              problem={order.problem}
              driver={names.driver}
            />
            {!receiptFirst && receipt}
          </div>
        </div>
      </div>
    </div>
  )
}
