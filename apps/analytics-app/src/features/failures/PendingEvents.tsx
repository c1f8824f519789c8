import { ErrorState, Panel, integerText, staffMessage, useLive } from '@threefactor/shared'
import { useRef } from 'react'

import { nonNullRows } from '../../common/nonNull'
import { useStableList } from '../../common/useStableList'
import { useThrottled } from '../../common/useThrottled'
import { PendingEventsDocument } from '../../gql/graphql'
import { failures as texts } from '../../texts/failures'
import classes from './FailedEvents.module.css'
import { PendingEvent } from './PendingEvent'

/** Less than the limit of the role in permissions.json, so that the list can tell whether there are more. */
const MAX_SHOWN = 50

/** Events whose delivery has failed and is repeated, with their cancellation; nothing if there are none. */
export function PendingEvents() {
  const { data, error, retry } = useLive(PendingEventsDocument, { limit: MAX_SHOWN + 1 })
  const events = nonNullRows(useThrottled(data, 250)?.pending_events, 'id', 'trigger_name', 'created')
  const shown = events.slice(0, MAX_SHOWN)
  const list = useRef<HTMLUListElement>(null)
  useStableList(
    list,
    shown.map(({ id }) => id),
  )
  if (shown.length === 0 && !error) return null
  return (
    <Panel title={texts.pending}>
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      <ul ref={list} tabIndex={-1} className={classes.list} aria-label={texts.pending}>
        {shown.map((event) => (
          <PendingEvent key={event.id} event={event} />
        ))}
      </ul>
      {events.length > MAX_SHOWN && <p className={classes.none}>{texts.oldest(integerText(MAX_SHOWN))}</p>}
    </Panel>
  )
}
