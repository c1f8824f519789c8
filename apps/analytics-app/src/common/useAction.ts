import { staffMessage } from '@threefactor/shared'
import { useState } from 'react'
import { useClient, type AnyVariables, type TypedDocumentNode } from 'urql'
import { common } from '../texts/common'

/** Result of every mutation of this app; null if the row does not exist. */
export interface Changed {
  changed: { affected_rows?: number } | null
}

/** Result of an action: whether it changed a row, or could not be performed. */
export type Outcome = 'changed' | 'unchanged' | 'failed'

/** Mutation with its state. */
export interface Action<Variables> {
  /** Sends the mutation. With `keepalive`, the request outlives the page. */
  run: (variables: Variables, options?: { keepalive?: boolean }) => Promise<Outcome>
  busy: boolean
  /** Message of the last failure. */
  problem: string | undefined
}

/**
 * Returns a mutation with its progress and error message. The changed rows arrive through the subscriptions.
 *
 * @param unchanged message if no row was changed
 */
export function useAction<Data extends Changed, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  unchanged: string,
): Action<Variables> {
  const client = useClient()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const run = async (variables: Variables, { keepalive = false } = {}): Promise<Outcome> => {
    setBusy(true)
    setProblem(undefined)
    const { data, error } = await client
      .mutation(mutation, variables, { fetchOptions: { keepalive } })
      .toPromise()
    setBusy(false)
    if (error) {
      setProblem(error.networkError ? common.unreachable : staffMessage(error))
      return 'failed'
    }
    if (data?.changed != null && data.changed.affected_rows !== 0) return 'changed'
    setProblem(unchanged)
    return 'unchanged'
  }
  return { run, busy, problem }
}
