import { useSessionState } from '../live/context'
import { Notice } from '../states/Notice'
import type { SignOutReason } from './store'

const REASONS: Record<SignOutReason, string> = {
  expired: 'Your session has expired. Please sign in again.',
  rejected: 'Your session is no longer valid. Please sign in again.',
}

/** Reason for which the user has to sign in again; nothing without one. */
export function SignedOutNotice() {
  const { reason } = useSessionState()
  if (!reason) return null
  return (
    <Notice tone="waiting" title="Signed out">
      {REASONS[reason]}
    </Notice>
  )
}
