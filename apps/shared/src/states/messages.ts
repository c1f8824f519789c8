import type { CombinedError } from 'urql'
import { common as texts } from '../texts/common'

/** Returns the text for a customer whose subscription failed; `useLive` retries it. */
export function customerMessage(error: CombinedError): string {
  return error.networkError ? texts.offline : texts.unavailable
}

/** Returns the text for staff whose subscription failed: the server's own messages, if it responded. */
export function staffMessage(error: CombinedError): string {
  if (error.networkError) return texts.unreachable
  return error.graphQLErrors.map((each) => each.message).join(' · ') || error.message
}
