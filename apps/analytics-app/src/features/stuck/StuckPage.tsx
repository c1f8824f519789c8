import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  integerText,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { CircleCheck } from 'lucide-react'
import { useRef } from 'react'

import { useStableList } from '../../common/useStableList'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { StuckOrdersDocument } from '../../gql/graphql'
import { stuck as texts } from '../../texts/stuck'
import { FailedEvents } from '../failures/FailedEvents'
import { PendingEvents } from '../failures/PendingEvents'
import { StuckCard } from './StuckCard'
import classes from './StuckPage.module.css'

/** Less than the limit of the role in permissions.json, so that the page can tell whether there are more. */
const MAX_SHOWN = 50

/** Delayed orders, longest delay first, and events that were given up. */
export function StuckPage() {
  const { data, loading, error, retry } = useLive(StuckOrdersDocument, { limit: MAX_SHOWN + 1 })
  const orders = nonNullRows(useThrottled(data, 100)?.stuck_orders, 'order_id', 'since', 'status', 'created')
  const shown = orders.slice(0, MAX_SHOWN)
  const list = useRef<HTMLUListElement>(null)
  useStableList(
    list,
    shown.map((order) => order.order_id),
  )
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <div className={classes.page}>
        <section aria-label={texts.orders}>
          {loading && <LoadingState rows={5} label={texts.loading} />}
          {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
          {data && orders.length === 0 && (
            <Panel title={texts.orders}>
              <EmptyState icon={<CircleCheck size={28} />} title={texts.none}>
                {texts.noneHint}
              </EmptyState>
            </Panel>
          )}
          <ul ref={list} tabIndex={-1} className={classes.list} aria-label={texts.orders}>
            {shown.map((order) => (
              <StuckCard key={order.order_id} order={order} />
            ))}
          </ul>
          {orders.length > MAX_SHOWN && (
            <p className={classes.more}>{texts.longest(integerText(MAX_SHOWN))}</p>
          )}
        </section>
        <FailedEvents />
        <PendingEvents />
      </div>
    </>
  )
}
