import { useSessionState } from '../live/context'
import { Notice } from '../states/Notice'
import { session as texts } from '../texts/session'

/** Reason for which the user has to sign in again; nothing without one. */
export function SignedOutNotice() {
  const { reason } = useSessionState()
  if (!reason) return null
  return (
    <Notice tone="waiting" title={texts.signedOut}>
      {texts.reasons[reason]}
    </Notice>
  )
}
