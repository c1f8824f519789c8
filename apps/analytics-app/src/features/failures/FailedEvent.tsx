import { Button } from '@mantine/core'

import { useAction } from '../../common/useAction'
import { RedeliverEventsDocument } from '../../gql/graphql'
import { failures as texts } from '../../texts/failures'
import { EventRow, type FailingEvent } from './EventRow'

/** Event without attempts left, and its redelivery. */
export function FailedEvent({ event }: { event: FailingEvent }) {
  const { run, busy, problem } = useAction(RedeliverEventsDocument, texts.redelivered)
  const { id } = event
  return (
    <EventRow event={event} problem={problem}>
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
    </EventRow>
  )
}
