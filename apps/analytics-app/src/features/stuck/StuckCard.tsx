import { Button } from '@mantine/core'
import { StatusBadge, clockTime, duration } from '@threefactor/shared'
import { Link } from 'wouter'

import { outcomeWords, stepName } from '../../common/steps'
import { useAction } from '../../common/useAction'
import { useNow } from '../../common/useNow'
import type { Whole } from '../../common/whole'
import { ApproveDocument, type StuckOrdersSubscription } from '../../gql/graphql'
import { reason } from './reasons'
import classes from './StuckCard.module.css'

type Stuck = Whole<
  StuckOrdersSubscription['stuck_orders'][number],
  'order_id' | 'since' | 'status' | 'created'
>

/** One stuck order: since when, why, the last that happened to it, and what helps. */
export function StuckCard({ order }: { order: Stuck }) {
  const approve = useAction(ApproveDocument, 'It was approved already.')
  const now = useNow()
  const { text, remedy } = reason(order)
  const waiting = duration(Math.floor((now - Date.parse(order.since)) / 1000) * 1000)
  return (
    <li className={classes.card} data-order={order.order_id}>
      <div className={classes.what}>
        <p className={classes.title}>
          <StatusBadge status={order.status} />
          <span className={classes.id}>{order.order_id}</span>
          <span className={classes.customer}>{order.user_id}</span>
        </p>
        <p className={classes.reason}>{text}</p>
        <p className={classes.last}>
          {order.last_step !== null && order.last_outcome !== null ? (
            <>
              Last entry, {clockTime(order.since)}: {stepName(order.last_step)},{' '}
              <strong>{outcomeWords(order.last_outcome)}</strong>
              {order.last_attempt !== null &&
                order.last_step !== 'payment' &&
                `, attempt ${order.last_attempt + 1}`}
              {order.last_event_id !== null && (
                <span className={classes.event}>event {order.last_event_id}</span>
              )}
            </>
          ) : (
            <>No entry yet. Placed {clockTime(order.created)}.</>
          )}
        </p>
        {approve.problem !== undefined && (
          <p className={classes.problem} role="alert">
            {approve.problem}
          </p>
        )}
      </div>
      <div className={classes.side}>
        <span className={classes.since}>{waiting}</span>
        {remedy === 'approve' && (
          <Button
            size="xs"
            loading={approve.busy}
            aria-label={`Approve order ${order.order_id.slice(0, 8)}`}
            onClick={() => void approve.run({ ids: [order.order_id] })}
          >
            Approve
          </Button>
        )}
        {remedy === 'drivers' && <Link href="/availability">Drivers</Link>}
      </div>
    </li>
  )
}
