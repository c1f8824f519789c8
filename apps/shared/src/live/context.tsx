import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react'
import { Provider } from 'urql'

import type { Config } from '../config'
import type { ConnectionState } from './connection'
import type { Live } from './client'

const Backend = createContext<{ config: Config; live: Live } | undefined>(undefined)

/** Provides configuration and GraphQL client to the children. */
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
  if (!backend) throw new Error('useBackend must be used within a BackendProvider')
  return backend
}

/** Returns the addresses of the backend. */
export function useConfig(): Config {
  return useBackend().config
}

/** Returns the state of the socket and re-renders the component when it changes. */
export function useConnection(): ConnectionState {
  const { connection } = useBackend().live
  return useSyncExternalStore(connection.subscribe, connection.get)
}
