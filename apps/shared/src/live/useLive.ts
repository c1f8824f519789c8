import { useEffect, useState } from 'react'
import { createRequest, useClient, type AnyVariables, type CombinedError, type DocumentInput } from 'urql'

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

interface State<Data> extends Pick<LiveResult<Data>, 'data' | 'error'> {
  /** Attempts that have failed since the last result. */
  failures: number
}

/** Initial and maximum delay before a failed subscription is retried. */
const INITIAL_RETRY_DELAY_MS = 500
const MAX_RETRY_DELAY_MS = 10_000

/** Key of the newest subscription. Keys of urql, hashes of the request, are not negative. */
let newestKey = 0

/**
 * Subscribes for the lifetime of the component. The socket handles lost connections (see `createLive`); this hook retries
 * after an error result, for example of an engine that is running but not ready.
 *
 * Each hook has its own subscription, which `useSubscription` of urql has not: it shares those of equal requests, and a component
 * that joins a running one receives nothing before the next change, and cannot retry it.
 */
export function useLive<Data, Variables extends AnyVariables>(
  query: DocumentInput<Data, Variables>,
  variables: Variables,
  { pause = false }: { pause?: boolean } = {},
): LiveResult<Data> {
  const client = useClient()
  const wanted = createRequest(query, variables)
  const [request, setRequest] = useState(wanted)
  if (wanted.key !== request.key) setRequest(wanted)
  const [attempt, setAttempt] = useState(0)
  const [{ data, error, failures }, setState] = useState<State<Data>>({
    data: undefined,
    error: undefined,
    failures: 0,
  })

  useEffect(() => {
    if (pause) return
    const own = client.executeSubscription({ ...request, key: --newestKey })
    const subscription = own.subscribe(({ data, error }) => {
      setState(({ failures }) => ({ data, error, failures: error ? failures + 1 : 0 }))
    })
    return () => {
      subscription.unsubscribe()
    }
  }, [client, request, pause, attempt])

  const retry = () => {
    setAttempt((last) => last + 1)
  }
  useEffect(() => {
    if (!error) return
    const wait = Math.min(INITIAL_RETRY_DELAY_MS * 2 ** (failures - 1), MAX_RETRY_DELAY_MS)
    const timer = setTimeout(() => {
      setAttempt((last) => last + 1)
    }, wait)
    return () => clearTimeout(timer)
  }, [error, failures])
  return { data, error, loading: data === undefined && error === undefined, retry }
}
