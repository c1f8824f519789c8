import { Notice, cappedText, useLive } from '@threefactor/shared'
import { Link } from 'wouter'

import { FailedEventIdsDocument } from '../../gql/graphql'
import { failures as texts } from '../../texts/failures'

/** Less than the limit of the role in permissions.json, so that the notice can tell whether there are more. */
const MAX_COUNTED = 99

/** Number of events that were given up, with a link to their list; nothing if there are none. */
export function FailureNotice() {
  const events = useLive(FailedEventIdsDocument, { limit: MAX_COUNTED + 1 }).data?.given_up_events ?? []
  if (events.length === 0) return null
  return (
    <Notice tone="bad" title={texts.failed(events.length, cappedText(events.length, MAX_COUNTED))}>
      <Link href="/stuck">{texts.toList}</Link>
    </Notice>
  )
}
