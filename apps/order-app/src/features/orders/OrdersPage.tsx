import { Button } from '@mantine/core'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  customerMessage,
  useLive,
} from '@threefactor/shared'
import { ReceiptText } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'

import { OrdersDocument } from '../../gql/graphql'
import { countByStatus, filtered, type Filter } from './filter'
import { OrderList } from './OrderList'
import { PayAll } from './PayAll'
import { StatusFilter } from './StatusFilter'

/** Orders in the subscription, and added to it by each "Show older orders". */
const PAGE_SIZE = 1000

/** Orders of the customer, newest first. */
export function OrdersPage({ user }: { user: string }) {
  const [limit, setLimit] = useState(PAGE_SIZE)
  const [filter, setFilter] = useState<Filter>('all')
  const { data, loading, error, retry } = useLive(OrdersDocument, { user, limit })
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
      {orders.length >= limit && (
        <Button variant="default" fullWidth mt="md" onClick={() => setLimit(limit + PAGE_SIZE)}>
          Show older orders
        </Button>
      )}
    </>
  )
}
