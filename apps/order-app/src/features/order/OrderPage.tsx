import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  shortTime,
  customerMessage,
  useLive,
} from '@threefactor/shared'
import { ArrowLeft, SearchX } from 'lucide-react'
import { useEffect, useRef, type RefObject } from 'react'
import { Link } from 'wouter'

import { OrderDocument, RestaurantsDocument } from '../../gql/graphql'
import { PaymentForm } from '../payment/PaymentForm'
import { Advice } from './Advice'
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
  const restaurants = useLive(RestaurantsDocument, {}).data?.restaurants ?? []
  // In open mode the backend also returns orders of other customers.
  const order = data?.orders_by_pk?.user_id === user ? data.orders_by_pk : undefined
  const payable = order?.status === 'validated' && order.total != null
  const page = useRef<HTMLDivElement>(null)
  useFocusAfter(payable, page)
  const number = `Order ${id.slice(0, 8)}`
  return (
    <div ref={page}>
      <Link href="/orders" className={classes.back}>
        <ArrowLeft size={16} aria-hidden /> All orders
      </Link>
      <PageTitle
        title={order ? headline(order) : number}
        subtitle={order ? `${number} · ${shortTime(order.created)}` : undefined}
      >
        {order?.delivered && <OrderAgain items={order.items} label="Order again" />}
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
          <Advice
            status={order.status}
            problem={order.problem}
            closeReason={order.close_reason}
            refunds={order.refunds}
            history={order.order_history}
          >
            <OrderAgain
              items={order.items}
              label={order.problem == null ? 'Order again' : 'Change this order'}
            />
          </Advice>
          <div className={classes.columns}>
            <div className={classes.column}>
              {payable && <PaymentForm orderId={id} total={order.total ?? 0} name={user} />}
              <CancelOrder key={id} id={id} status={order.status} payBy={order.pay_by} />
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
    </div>
  )
}

/** Moves the focus to the heading when the payment form, which had it, is removed. */
function useFocusAfter(form: boolean, page: RefObject<HTMLElement | null>): void {
  const shown = useRef(false)
  useEffect(() => {
    if (shown.current && !form && document.activeElement === document.body) {
      page.current?.querySelector('h1')?.focus({ preventScroll: true })
    }
    shown.current = form
  }, [form, page])
}
