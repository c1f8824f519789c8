import { Button } from '@mantine/core'
import {
  ConfirmDialog,
  ErrorState,
  LoadingState,
  Panel,
  counted,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { useRef, useState } from 'react'

import { nonNullRows } from '../../common/nonNull'
import { useAction } from '../../common/useAction'
import { useStableList } from '../../common/useStableList'
import { useThrottled } from '../../common/useThrottled'
import { GivenUpEventsDocument, RedeliverEventsDocument } from '../../gql/graphql'
import { FailedEvent } from './FailedEvent'
import classes from './FailedEvents.module.css'

/** Less than the limit of the role in permissions.json, so that the list can tell whether there are more. */
const MAX_SHOWN = 50

/** Events that were given up, with their redelivery. */
export function FailedEvents() {
  const { data, loading, error, retry } = useLive(GivenUpEventsDocument, { limit: MAX_SHOWN + 1 })
  const all = useAction(RedeliverEventsDocument, 'These events have been redelivered in the meantime')
  const [asked, setAsked] = useState<string[]>()
  const events = nonNullRows(useThrottled(data, 250)?.given_up_events, 'id', 'trigger_name', 'created')
  const shown = events.slice(0, MAX_SHOWN)
  const list = useRef<HTMLUListElement>(null)
  useStableList(
    list,
    shown.map(({ id }) => id),
  )
  return (
    <Panel
      title="Failed events"
      aside={
        shown.length > 1 && (
          <Button variant="default" loading={all.busy} onClick={() => setAsked(shown.map(({ id }) => id))}>
            {events.length > MAX_SHOWN ? `Redeliver the first ${MAX_SHOWN}` : `Redeliver all ${shown.length}`}
          </Button>
        )
      }
    >
      {loading && <LoadingState rows={2} label="Loading the failed events" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && shown.length === 0 && (
        <p className={classes.none}>None. An event without attempts left appears here.</p>
      )}
      {all.problem !== undefined && (
        <p className={classes.problem} role="alert">
          {all.problem}
        </p>
      )}
      {asked && (
        <ConfirmDialog
          title={`Redeliver ${counted(asked.length, 'event')}?`}
          confirm={`Redeliver ${counted(asked.length, 'event')}`}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void all.run({ ids: asked })}
        >
          <p className={classes.none}>
            Their functions are called again, with new attempts. A step that has happened does not happen
            twice.
          </p>
        </ConfirmDialog>
      )}
      <ul ref={list} tabIndex={-1} className={classes.list} aria-label="Failed events">
        {shown.map((event) => (
          <FailedEvent key={event.id} event={event} />
        ))}
      </ul>
    </Panel>
  )
}
