import { Problem, clockTime, orderPath } from '@threefactor/shared'
import type { ReactNode } from 'react'
import { Link } from 'wouter'

import type { NonNullRow } from '../../common/nonNull'
import { stepName } from '../../common/steps'
import type { GivenUpEventsSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { failures as texts } from '../../texts/failures'
import classes from './EventRow.module.css'
import { failureText } from './response'

/** Event whose delivery has failed. */
export type FailingEvent = NonNullRow<
  GivenUpEventsSubscription['given_up_events'][number],
  'id' | 'trigger_name' | 'created'
>

/** Event with its step, its order, its last call and a button. */
export function EventRow({
  event,
  next,
  problem,
  children,
}: {
  event: FailingEvent
  /** Says when it is delivered again; absent if it is not. */
  next?: string | undefined
  /** Message of the last failed action. */
  problem: string | undefined
  /** The button. */
  children: ReactNode
}) {
  const { id, trigger_name, order_id, tries, created, failed, last_status, last_response } = event
  return (
    <li className={classes.event} data-event={id}>
      <div className={classes.what}>
        <p className={classes.title}>
          {stepName(trigger_name)}
          {order_id !== null && (
            <>
              {texts.ofOrder}
              <Link href={orderPath(order_id)}>{common.number(order_id)}</Link>
            </>
          )}
        </p>
        <p className={classes.reason}>{failureText(last_status, last_response)}</p>
        <p className={classes.more}>
          {clockTime(created)}
          {failed !== null && texts.lastAttempt(texts.attempts(tries ?? 0), clockTime(failed))}
          {next}
        </p>
        <p className={classes.id}>{common.event(id)}</p>
        <Problem message={problem} />
      </div>
      {children}
    </li>
  )
}
