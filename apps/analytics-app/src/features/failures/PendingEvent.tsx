import { Button } from '@mantine/core'
import { ConfirmDialog, clockTime } from '@threefactor/shared'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import { CancelEventsDocument } from '../../gql/graphql'
import { failures as texts } from '../../texts/failures'
import { EventRow, type FailingEvent } from './EventRow'

/** Event that waits for another attempt, and its cancellation, which asks first. */
export function PendingEvent({ event }: { event: FailingEvent & { next_attempt: string | null } }) {
  const { run, busy, problem } = useAction(CancelEventsDocument, texts.notCancelled)
  const [asked, setAsked] = useState(false)
  const { id, next_attempt } = event
  return (
    <EventRow
      event={event}
      next={next_attempt === null ? undefined : texts.nextAttempt(clockTime(next_attempt))}
      problem={problem}
    >
      <Button
        variant="default"
        aria-disabled={busy}
        aria-label={texts.cancelEvent(id)}
        onClick={() => {
          if (!busy) setAsked(true)
        }}
      >
        {texts.cancel}
      </Button>
      {asked && (
        <ConfirmDialog
          title={texts.cancelQuestion}
          confirm={texts.cancelConfirm}
          dismiss={texts.keep}
          onClose={() => setAsked(false)}
          onConfirm={() => void run({ ids: [id] })}
        >
          <p>{texts.cancelConsequence}</p>
        </ConfirmDialog>
      )}
    </EventRow>
  )
}
