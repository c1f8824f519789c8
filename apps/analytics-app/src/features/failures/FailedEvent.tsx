import { Button } from '@mantine/core'
import { clockTime, orderPath } from '@threefactor/shared'
import { Link } from 'wouter'

import type { NonNullRow } from '../../common/nonNull'
import { stepName } from '../../common/steps'
import { useAction } from '../../common/useAction'
import { RedeliverEventsDocument, type GivenUpEventsSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { failures as texts } from '../../texts/failures'
import classes from './FailedEvents.module.css'
import { failureText } from './response'

type Event = NonNullRow<
  GivenUpEventsSubscription['given_up_events'][number],
  'id' | 'trigger_name' | 'created'
>

/** Event without attempts left: its step, order, last call and redelivery. */
export function FailedEvent({ event }: { event: Event }) {
  const { run, busy, problem } = useAction(RedeliverEventsDocument, texts.redelivered)
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
        </p>
        <p className={classes.id}>{common.event(id)}</p>
        {problem !== undefined && (
          <p className={classes.problem} role="alert">
            {problem}
          </p>
        )}
      </div>
      {/* Not disabled, because it would lose the focus. */}
      <Button
        variant="light"
        aria-disabled={busy}
        aria-label={texts.redeliverEvent(id)}
        onClick={() => {
          if (!busy) void run({ ids: [id] })
        }}
      >
        {texts.redeliver}
      </Button>
    </li>
  )
}
