import { useEffect, useState } from 'react'
import { useSubscription, type AnyVariables, type CombinedError, type DocumentInput } from 'urql'

/** What a subscription has brought so far. */
export interface LiveResult<Data> {
  /** The newest answer; stays while the connection is being made again. */
  data: Data | undefined
  /** Nothing has come yet. */
  loading: boolean
  /** The server refused. It is asked again by itself, at once with `retry`. */
  error: CombinedError | undefined
  retry: () => void
}

/** How long after a refusal the server is asked again, in milliseconds: at first, and at most. */
const RETRY_FIRST = 500
const RETRY_AT_MOST = 10_000

/**
 * A subscription for as long as the component is there. A lost connection is the socket's business (see `createLive`);
 * this adds what the socket does not do: after an error, such as an engine that is up but not ready, it asks again.
 */
export function useLive<Data, Variables extends AnyVariables>(
  query: DocumentInput<Data, Variables>,
  variables: Variables,
  { pause = false }: { pause?: boolean } = {},
): LiveResult<Data> {
  const [result, execute] = useSubscription<Data, Data, Variables>({ query, variables, pause })
  const [failures, setFailures] = useState(0)
  const { data, error } = result

  useEffect(() => {
    if (!error) return
    const wait = Math.min(RETRY_FIRST * 2 ** failures, RETRY_AT_MOST)
    const timer = setTimeout(() => {
      setFailures(failures + 1)
      execute()
    }, wait)
    return () => clearTimeout(timer)
  }, [error, failures, execute])

  const retry = () => {
    setFailures(0)
    execute()
  }
  return { data, error, loading: data === undefined && error === undefined, retry }
}
