import type { CombinedError } from 'urql'

/** What the server said, or that it could not be reached, in a sentence for the person in front of the app. */
export function explain(error: CombinedError): string {
  if (error.networkError) {
    return 'The server cannot be reached. Check that the stack is running; the page tries again by itself.'
  }
  return error.graphQLErrors.map((each) => each.message).join(' · ') || error.message
}
