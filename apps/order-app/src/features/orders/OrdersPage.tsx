import { Button } from '@mantine/core'
import { EmptyState, ErrorState, LoadingState, PageTitle, explain, useLive } from '@threefactor/shared'
import { ReceiptText } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'

import { OrdersDocument } from '../../gql/graphql'
import { countByStatus, filtered, type Filter } from './filter'
import { OrderList } from './OrderList'
import { PayAll } from './PayAll'
import { StatusFilter } from './StatusFilter'

/** How many orders are followed live; and how many more on demand. */
const PAGE = 1000

/** The customer's orders, newest first, live. */
export function OrdersPage({ user }: { user: string }) {
  const [limit, setLimit] = useState(PAGE)
  const [filter, setFilter] = useState<Filter>('all')
  const { data, loading, error, retry } = useLive(OrdersDocument, { user, limit })
  const orders = data?.orders ?? []
  const counts = countByStatus(orders)
  const shown = filtered(orders, filter)
  return (
    <>
      <PageTitle
        title="Your orders"
        subtitle={data && orders.length > 0 && `${described(orders.length, limit)}, newest first. Live.`}
      >
        <PayAll user={user} />
      </PageTitle>
      {loading && <LoadingState rows={6} label="Loading your orders" />}
      {error && !data && <ErrorState message={explain(error)} onRetry={retry} />}
      {data && orders.length === 0 && (
        <EmptyState icon={<ReceiptText size={28} />} title="No orders yet">
          <Link href="/">Choose something from the menu</Link>
        </EmptyState>
      )}
      {orders.length > 0 && (
        <StatusFilter counts={counts} all={orders.length} value={filter} onChange={setFilter} />
      )}
      {orders.length > 0 && shown.length === 0 && <EmptyState title="No order has this status now" />}
      <OrderList orders={shown} />
      {orders.length >= limit && (
        <Button variant="default" fullWidth mt="md" onClick={() => setLimit(limit + PAGE)}>
          Show {PAGE} older orders
        </Button>
      )}
    </>
  )
}

function described(count: number, limit: number): string {
  if (count >= limit) return `The newest ${limit} orders`
  return count === 1 ? '1 order' : `${count} orders`
}
