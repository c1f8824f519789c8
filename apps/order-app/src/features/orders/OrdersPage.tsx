import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  customerMessage,
  integerText,
  useLive,
} from '@threefactor/shared'
import { ReceiptText } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'

import { OrdersDocument } from '../../gql/graphql'
import { countByStatus, filtered, type Filter } from './filter'
import { OrderList } from './OrderList'
import classes from './OrdersPage.module.css'
import { PayAll } from './PayAll'
import { StatusFilter } from './StatusFilter'

/** Maximum number of orders on the page; permissions.json has the same limit. */
const MAX_ORDERS = 1000

/** Orders of the customer, newest first. */
export function OrdersPage({ user }: { user: string }) {
  const [filter, setFilter] = useState<Filter>('all')
  const { data, loading, error, retry } = useLive(OrdersDocument, { user, limit: MAX_ORDERS })
  const orders = data?.orders ?? []
  const counts = countByStatus(orders)
  const shown = filtered(orders, filter)
  return (
    <>
      <PageTitle title="Your orders">
        <PayAll user={user} />
      </PageTitle>
      {loading && <LoadingState rows={6} label="Loading your orders" />}
      {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
      {data && orders.length === 0 && (
        <EmptyState icon={<ReceiptText size={28} />} title="No orders yet">
          <Link href="/">Browse the menu</Link>
        </EmptyState>
      )}
      {orders.length > 0 && (
        <StatusFilter counts={counts} all={orders.length} value={filter} onChange={setFilter} />
      )}
      {orders.length > 0 && shown.length === 0 && <EmptyState title="No orders with this status" />}
      <OrderList orders={shown} />
      {orders.length >= MAX_ORDERS && (
        <p className={classes.more}>Showing your {integerText(MAX_ORDERS)} newest orders.</p>
      )}
    </>
  )
}
