import { EmptyState, ErrorState, LoadingState, PageTitle, Panel, explain, useLive } from '@threefactor/shared'
import { CircleCheck } from 'lucide-react'

import { usePaced } from '../../common/usePaced'
import { whole } from '../../common/whole'
import { StuckOrdersDocument } from '../../gql/graphql'
import { StuckCard } from './StuckCard'
import classes from './StuckPage.module.css'

/** How many are shown. */
const SHOWN = 100

/** Orders that do not move, longest first. */
export function StuckPage() {
  const { data, loading, error, retry } = useLive(StuckOrdersDocument, { limit: SHOWN + 1 })
  const orders = whole(usePaced(data, 100)?.stuck_orders, 'order_id', 'since', 'status', 'created')
  return (
    <>
      <PageTitle
        title="Stuck"
        subtitle="Orders that have waited for more than ten seconds where a function or the restaurant is next."
      />
      {loading && <LoadingState rows={5} label="Loading the stuck orders" />}
      {error && !data && <ErrorState message={explain(error)} onRetry={retry} />}
      {data && orders.length === 0 && (
        <Panel title="All is well">
          <EmptyState icon={<CircleCheck size={28} />} title="No order is stuck">
            Every order moves, or waits for its customer or its driver.
          </EmptyState>
        </Panel>
      )}
      <ul className={classes.list} aria-label="Stuck orders">
        {orders.slice(0, SHOWN).map((order) => (
          <StuckCard key={order.order_id} order={order} />
        ))}
      </ul>
      {orders.length > SHOWN && (
        <p className={classes.more}>The {SHOWN} that have waited longest are shown; the others move up.</p>
      )}
    </>
  )
}
