import { StatusBadge, clockTime, duration, integerText, orderPath, useNow } from '@threefactor/shared'
import { Link } from 'wouter'

import { outcomeLabel, stepName } from '../../common/steps'
import type { NonNullRow } from '../../common/nonNull'
import type { StuckOrdersSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { stuck as texts } from '../../texts/stuck'
import { APPROVAL } from '../work/queues'
import { StepButtons } from '../work/StepButtons'
import { reason } from './reasons'
import classes from './StuckCard.module.css'

type Stuck = NonNullRow<
  StuckOrdersSubscription['stuck_orders'][number],
  'order_id' | 'since' | 'status' | 'created'
>

/** Delayed order with its waiting time, reason, last history entry and remedy. */
export function StuckCard({ order }: { order: Stuck }) {
  const now = useNow()
  const { text, remedy } = reason(order)
  const waiting = duration(Math.floor((now - Date.parse(order.since)) / 1000) * 1000)
  return (
    <li className={classes.card} data-order={order.order_id}>
      <div className={classes.what}>
        <p className={classes.title}>
          <StatusBadge status={order.status} />
          <Link href={orderPath(order.order_id)} className={classes.id}>
            {common.number(order.order_id)}
          </Link>
          <span className={classes.customer}>{order.user_id}</span>
        </p>
        <p className={classes.reason}>{text}</p>
        <p className={classes.last}>
          {order.last_step !== null && order.last_outcome !== null ? (
            <>
              {texts.lastEvent(clockTime(order.since), stepName(order.last_step))}
              <strong>{outcomeLabel(order.last_outcome)}</strong>
              {order.last_attempt !== null &&
                order.last_step !== 'payment' &&
                texts.attempt(integerText(order.last_attempt + 1))}
              {order.last_event_id !== null && (
                <span className={classes.event}>{common.event(order.last_event_id)}</span>
              )}
            </>
          ) : (
            texts.noHistory(clockTime(order.created))
          )}
        </p>
      </div>
      <div className={classes.side}>
        <span className={classes.since}>{waiting}</span>
        {remedy === 'approve' && (
          <StepButtons id={order.order_id} name={common.order(order.order_id)} {...APPROVAL} />
        )}
        {remedy === 'work' && <Link href="/work">{texts.toWork}</Link>}
        {remedy === 'drivers' && <Link href="/availability">{texts.toDrivers}</Link>}
      </div>
    </li>
  )
}
