import { Button } from '@mantine/core'
import { clockTime, counted, orderPath } from '@threefactor/shared'
import { Link } from 'wouter'

import type { NonNullRow } from '../../common/nonNull'
import { stepName } from '../../common/steps'
import { useAction } from '../../common/useAction'
import { RedeliverEventsDocument, type GivenUpEventsSubscription } from '../../gql/graphql'
import classes from './FailedEvents.module.css'
import { failureText } from './response'

type Event = NonNullRow<
  GivenUpEventsSubscription['given_up_events'][number],
  'id' | 'trigger_name' | 'created'
>

/** Event without attempts left: its step, order, last call and redelivery. */
export function FailedEvent({ event }: { event: Event }) {
  const { run, busy, problem } = useAction(
    RedeliverEventsDocument,
    'This event has been redelivered in the meantime',
  )
  const { id, trigger_name, order_id, tries, created, failed, last_status, last_response } = event
  return (
    <li className={classes.event} data-event={id}>
      <div className={classes.what}>
        <p className={classes.title}>
          {stepName(trigger_name)}
          {order_id !== null && (
            <>
              {' '}
              of <Link href={orderPath(order_id)}>#{order_id.slice(0, 8)}</Link>
            </>
          )}
        </p>
        <p className={classes.reason}>{failureText(last_status, last_response)}</p>
        <p className={classes.more}>
          {clockTime(created)}
          {failed !== null && ` · ${counted(tries ?? 0, 'attempt')}, the last at ${clockTime(failed)}`}
        </p>
        <p className={classes.id}>event {id}</p>
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
        aria-label={`Redeliver event ${id}`}
        onClick={() => {
          if (!busy) void run({ ids: [id] })
        }}
      >
        Redeliver
      </Button>
    </li>
  )
}
