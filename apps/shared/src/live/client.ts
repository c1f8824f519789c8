import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSocketClient } from 'graphql-ws'

import type { Config } from '../config'
import { Connection } from './connection'

/** Interval between WebSocket pings. */
const PING_INTERVAL_MS = 10_000
/** Maximum wait for a pong; after that the socket is replaced. */
const PONG_TIMEOUT_MS = 5_000
/** Maximum delay between two attempts to connect. */
const MAX_RETRY_DELAY_MS = 3_000

/** GraphQL client and the state of its socket. */
export interface Live {
  client: Client
  connection: Connection
}

/**
 * Creates a client that sends queries and mutations over HTTP and subscriptions over one WebSocket. A lost socket is
 * reopened and each subscription is sent again; its first result is the current state, so pages are up to date after an
 * outage. There is no cache: a page shows the latest results.
 */
export function createLive(config: Config): Live {
  const connection = new Connection()
  let pongTimeout: ReturnType<typeof setTimeout> | undefined
  const socket = createSocketClient({
    url: config.graphqlWsUrl,
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
      connected: () => connection.set('online'),
      closed: (event) => {
        clearTimeout(pongTimeout)
        // The client closes with 1000 after the last subscription has ended.
        if ((event as CloseEvent).code !== 1000) connection.set('offline')
      },
      ping: (received) => {
        if (received) return
        clearTimeout(pongTimeout)
        pongTimeout = setTimeout(() => socket.terminate(), PONG_TIMEOUT_MS)
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimeout)
      },
    },
  })
  const client = new Client({
    url: config.graphqlUrl,
    preferGetMethod: false,
    exchanges: [
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
