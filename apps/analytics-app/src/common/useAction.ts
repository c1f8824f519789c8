import { explain } from '@threefactor/shared'
import { useState } from 'react'
import { useClient, type AnyVariables, type TypedDocumentNode } from 'urql'

/** What every mutation of this app answers: null when there was no such row. */
export interface Changed {
  changed: { affected_rows?: number; id?: number } | null
}

/** A mutation that a person can start. */
export interface Action<Variables> {
  /** Sends it; resolves to whether it changed anything. */
  run: (variables: Variables) => Promise<boolean>
  busy: boolean
  /** Why it did not work, in plain words. */
  problem: string | undefined
}

/**
 * A mutation with its progress and its problem. What it changed arrives by the subscriptions, like everybody's changes.
 *
 * @param unchanged what to say when the server found nothing to change
 */
export function useAction<Data extends Changed, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  unchanged: string,
): Action<Variables> {
  const client = useClient()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const run = async (variables: Variables) => {
    setBusy(true)
    setProblem(undefined)
    const { data, error } = await client.mutation(mutation, variables).toPromise()
    const changed = data?.changed != null && data.changed.affected_rows !== 0
    if (error) setProblem(explain(error))
    else if (!changed) setProblem(unchanged)
    setBusy(false)
    return changed
  }
  return { run, busy, problem }
}
