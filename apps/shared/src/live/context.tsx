import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react'
import { Provider } from 'urql'

import type { Config } from '../config'
import type { ConnectionState } from './connection'
import type { Live } from './client'

const Backend = createContext<{ config: Config; live: Live } | undefined>(undefined)

/** Makes the backend known to everything inside. */
export function BackendProvider({
  config,
  live,
  children,
}: {
  config: Config
  live: Live
  children: ReactNode
}) {
  return (
    <Backend value={{ config, live }}>
      <Provider value={live.client}>{children}</Provider>
    </Backend>
  )
}

function useBackend() {
  const backend = useContext(Backend)
  if (!backend) throw new Error('there is no BackendProvider around this')
  return backend
}

/** Where the backend is. */
export function useConfig(): Config {
  return useBackend().config
}

/** The state of the socket; the component is drawn again when it changes. */
export function useConnection(): ConnectionState {
  const { connection } = useBackend().live
  return useSyncExternalStore(connection.subscribe, connection.get)
}
