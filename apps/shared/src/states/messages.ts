import type { CombinedError } from 'urql'

/** Returns the text for a customer whose subscription failed; `useLive` retries it. */
export function customerMessage(error: CombinedError): string {
  return error.networkError
    ? 'You appear to be offline. Retrying…'
    : 'The service is temporarily unavailable. Retrying…'
}

/** Returns the text for staff whose subscription failed: the server's own messages, if it responded. */
export function staffMessage(error: CombinedError): string {
  if (error.networkError) return 'Server unreachable. Retrying…'
  return error.graphQLErrors.map((each) => each.message).join(' · ') || error.message
}
