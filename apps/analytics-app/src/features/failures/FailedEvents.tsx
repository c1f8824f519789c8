import { Button } from '@mantine/core'
import {
  ConfirmDialog,
  ErrorState,
  LoadingState,
  Panel,
  Problem,
  integerText,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { useRef, useState } from 'react'

import { nonNullRows } from '../../common/nonNull'
import { useAction } from '../../common/useAction'
import { useStableList } from '../../common/useStableList'
import { useThrottled } from '../../common/useThrottled'
import { GivenUpEventsDocument, RedeliverEventsDocument } from '../../gql/graphql'
import { failures as texts } from '../../texts/failures'
import { FailedEvent } from './FailedEvent'
import classes from './FailedEvents.module.css'

/** Less than the limit of the role in permissions.json, so that the list can tell whether there are more. */
const MAX_SHOWN = 50

/** Events that were given up, with their redelivery. */
export function FailedEvents() {
  const { data, loading, error, retry } = useLive(GivenUpEventsDocument, { limit: MAX_SHOWN + 1 })
  const all = useAction(RedeliverEventsDocument, texts.allRedelivered)
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
      title={texts.title}
      aside={
        shown.length > 1 && (
          <Button variant="default" loading={all.busy} onClick={() => setAsked(shown.map(({ id }) => id))}>
            {events.length > MAX_SHOWN
              ? texts.redeliverFirst(integerText(MAX_SHOWN))
              : texts.redeliverAll(integerText(shown.length))}
          </Button>
        )
      }
    >
      {loading && <LoadingState rows={2} label={texts.loading} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && shown.length === 0 && <p className={classes.none}>{texts.none}</p>}
      <Problem message={all.problem} />
      {asked && (
        <ConfirmDialog
          title={texts.question(texts.redeliverEvents(asked.length))}
          confirm={texts.redeliverEvents(asked.length)}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void all.run({ ids: asked })}
        >
          <p className={classes.none}>{texts.consequence}</p>
        </ConfirmDialog>
      )}
      <ul ref={list} tabIndex={-1} className={classes.list} aria-label={texts.title}>
        {shown.map((event) => (
          <FailedEvent key={event.id} event={event} />
        ))}
      </ul>
    </Panel>
  )
}
