import {
  Client,
  fetchExchange,
  makeOperation,
  mapExchange,
  subscriptionExchange,
  type CombinedError,
  type Operation,
} from '@urql/core'
import { createClient as createSocketClient } from 'graphql-ws'

import type { Config } from '../config'
import type { SessionStore } from '../session/store'
import { Connection } from './connection'

/** Interval between WebSocket pings. */
const PING_INTERVAL_MS = 10_000
/** Maximum wait for a pong; after that the socket is replaced. */
const PONG_TIMEOUT_MS = 5_000
/** Maximum delay between two attempts to connect. */
const MAX_RETRY_DELAY_MS = 3_000

/** Time limit of a query or mutation; a network that loses all packets reports no error. */
const REQUEST_TIMEOUT_MS = 15_000

/** Close code of a server that does not accept the credentials of `connection_init`. */
const FORBIDDEN = 4403

/** GraphQL client and the state of its socket. */
export interface Live {
  client: Client
  connection: Connection
}

/**
 * Creates a client that sends queries and mutations over HTTP and subscriptions over one WebSocket. A lost socket is
 * reopened and each subscription is sent again; its first result is the current state, so pages are up to date after an
 * outage. There is no cache: a page shows the latest results. Requests carry the token of the session; a socket is replaced
 * when the token changes, because its token is that of its start.
 *
 * @param network emits `offline` and `online`, as a window; without it, a lost network is noticed after a missing pong
 */
export function createLive(config: Config, session: SessionStore, network?: EventTarget): Live {
  const connection = new Connection()
  let state: 'unused' | 'connected' | 'lost' = 'unused'
  const currentToken = () => (config.access === 'secured' ? session.get().session?.token : undefined)
  let socketToken = currentToken()
  let replacing = false
  let pongTimeout: ReturnType<typeof setTimeout> | undefined
  const socket = createSocketClient({
    url: config.graphqlWsUrl,
    connectionParams: () => ({ headers: authorization((socketToken = currentToken())) }),
    // Keeps the socket open while the user moves between pages.
    lazyCloseTimeout: 5_000,
    keepAlive: PING_INTERVAL_MS,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      const wait = Math.min(200 * 2 ** retries, MAX_RETRY_DELAY_MS)
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)))
    },
    on: {
      connected: () => {
        state = 'connected'
        connection.set('online')
      },
      closed: (event) => {
        clearTimeout(pongTimeout)
        const { code } = event as CloseEvent
        state = code === 1000 ? 'unused' : 'lost'
        if (code === FORBIDDEN) session.reject(socketToken)
        // The client closes with 1000 after the last subscription has ended, and the server when the token expires.
        else if (code !== 1000 && !replacing) connection.set('offline')
      },
      ping: (received) => {
        if (received) return
        clearTimeout(pongTimeout)
        pongTimeout = setTimeout(() => socket.terminate(), PONG_TIMEOUT_MS)
      },
      pong: (received) => {
        if (!received) return
        clearTimeout(pongTimeout)
        connection.set('online')
      },
    },
  })
  network?.addEventListener('offline', () => connection.set('offline'))
  network?.addEventListener('online', () => {
    // The socket may belong to a network that no longer exists; a new one shows whether the server is reachable.
    if (state === 'connected') socket.terminate()
    else if (state === 'unused') connection.set('online')
  })
  session.subscribe(() => {
    if (currentToken() === socketToken) return
    socketToken = currentToken()
    replacing = true
    socket.terminate()
    replacing = false
  })
  const client = new Client({
    url: config.graphqlUrl,
    preferGetMethod: false,
    fetch: fetchWithin(REQUEST_TIMEOUT_MS),
    exchanges: [
      mapExchange({
        onOperation: (operation) => withToken(operation, currentToken()),
        onError: (error, operation) => {
          if (!isUnauthenticated(error)) return
          // A refusal may arrive after the session has changed. Subscriptions have the token of the socket.
          session.reject(operation.kind === 'subscription' ? socketToken : tokenOf(operation))
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink),
          }),
        }),
      }),
    ],
  })
  return { client, connection }
}

/** Headers of a request with this token; a request without a token has the role `anonymous`. */
export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` }
}

/** Returns a `fetch` with a time limit, also for the body of the response. */
function fetchWithin(milliseconds: number): typeof fetch {
  return (input, init) => {
    const limit = AbortSignal.timeout(milliseconds)
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
    return fetch(input, { ...init, signal })
  }
}

/** Returns the operation as a request with this token, which its context keeps until the response. */
function withToken(operation: Operation, token: string | undefined): Operation {
  return makeOperation(operation.kind, operation, {
    ...operation.context,
    token,
    fetchOptions: { ...staticOptions(operation), headers: authorization(token) },
  })
}

function staticOptions({ context: { fetchOptions } }: Operation): RequestInit | undefined {
  return typeof fetchOptions === 'function' ? fetchOptions() : fetchOptions
}

function tokenOf({ context }: Operation): string | undefined {
  return context.token as string | undefined
}

/** Codes of Hasura for a token that is not valid. */
const UNAUTHENTICATED = new Set(['invalid-jwt', 'jwt-invalid-claims', 'jwt-missing-role-claims'])

function isUnauthenticated(error: CombinedError): boolean {
  return error.graphQLErrors.some(({ extensions }) => UNAUTHENTICATED.has(String(extensions.code)))
}
