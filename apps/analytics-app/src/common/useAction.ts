import { staffMessage } from '@threefactor/shared'
import { useState } from 'react'
import { useClient, type AnyVariables, type TypedDocumentNode } from 'urql'

/** Result of every mutation of this app; null if the row does not exist. */
export interface Changed {
  changed: { affected_rows?: number; id?: number } | null
}

/** Mutation with its state. */
export interface Action<Variables> {
  /** Sends the mutation; resolves to whether it changed a row. With `keepalive`, the request outlives the page. */
  run: (variables: Variables, options?: { keepalive?: boolean }) => Promise<boolean>
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
  const run = async (variables: Variables, { keepalive = false } = {}) => {
    setBusy(true)
    setProblem(undefined)
    const { data, error } = await client
      .mutation(mutation, variables, { fetchOptions: { keepalive } })
      .toPromise()
    const changed = data?.changed != null && data.changed.affected_rows !== 0
    if (error) setProblem(error.networkError ? 'Server unreachable. Please try again.' : staffMessage(error))
    else if (!changed) setProblem(unchanged)
    setBusy(false)
    return changed
  }
  return { run, busy, problem }
}
