import { createContext, useContext, useSyncExternalStore, type ReactNode } from 'react'
import { Provider } from 'urql'

import type { Config } from '../config'
import type { Account, Session } from '../session/account'
import type { SessionState, SessionStore } from '../session/store'
import type { ConnectionState } from './connection'
import type { Live } from './client'

interface BackendState {
  config: Config
  session: SessionStore
  live: Live
}

const Backend = createContext<BackendState | undefined>(undefined)

/** Provides configuration, session and GraphQL client to the children. */
export function BackendProvider({ children, ...backend }: BackendState & { children: ReactNode }) {
  const { live } = backend
  return (
    <Backend value={backend}>
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

/** Returns the store of the session. */
export function useSessionStore(): SessionStore {
  return useBackend().session
}

/** Returns the state of the session and re-renders the component when it changes. */
export function useSessionState(): SessionState {
  const store = useSessionStore()
  return useSyncExternalStore(store.subscribe, store.get)
}

/** Returns the session; only for components that are rendered after sign-in. */
export function useSession(): Session {
  const { session } = useSessionState()
  if (!session) throw new Error('useSession must be used after sign-in')
  return session
}

/** Returns the account that is signed in; see {@link useSession}. */
export function useAccount(): Account {
  return useSession().account
}

/** Returns the token for requests to the functions; undefined if they need none. */
export function useToken(): string | undefined {
  const { session } = useSessionState()
  return useConfig().access === 'secured' ? session?.token : undefined
}

/** Returns the state of the socket and re-renders the component when it changes. */
export function useConnection(): ConnectionState {
  const { connection } = useBackend().live
  return useSyncExternalStore(connection.subscribe, connection.get)
}
