import { useEffect, useState } from 'react'
import { useSubscription, type AnyVariables, type CombinedError, type DocumentInput } from 'urql'

/** State of a subscription. */
export interface LiveResult<Data> {
  /** Latest result; kept during a reconnect. */
  data: Data | undefined
  /** Set until the first result or error. */
  loading: boolean
  /** Error of the last attempt. The hook retries automatically; `retry` does so immediately. */
  error: CombinedError | undefined
  retry: () => void
}

/** Initial and maximum delay before a failed subscription is retried. */
const INITIAL_RETRY_DELAY_MS = 500
const MAX_RETRY_DELAY_MS = 10_000

/**
 * Subscribes for the lifetime of the component. The socket handles lost connections (see `createLive`); this hook retries
 * after an error result, for example of an engine that is running but not ready.
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
    const wait = Math.min(INITIAL_RETRY_DELAY_MS * 2 ** failures, MAX_RETRY_DELAY_MS)
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
