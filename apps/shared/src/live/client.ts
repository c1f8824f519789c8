import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSocketClient } from 'graphql-ws'

import type { Config } from '../config'
import { Connection } from './connection'

/** How often the socket is asked whether it is alive, in milliseconds. */
const PING_EVERY = 10_000
/** How long it may take to answer. */
const PONG_WITHIN = 5_000
/** The longest wait between two attempts to connect. */
const RETRY_AT_MOST = 3_000

/** The GraphQL client, and what is known of its socket. */
export interface Live {
  client: Client
  connection: Connection
}

/**
 * Queries and mutations go over HTTP, subscriptions over one WebSocket that is made again whenever it is lost; each
 * subscription is then sent again and answers with the state of that moment, so a page catches up by itself. There is no
 * cache: what is on the page is what the last answer said.
 */
export function createLive(config: Config): Live {
  const connection = new Connection()
  let pongMissing: ReturnType<typeof setTimeout> | undefined
  const socket = createSocketClient({
    url: config.graphqlWsUrl,
    // Pages come and go; the socket stays.
    lazyCloseTimeout: 5_000,
    keepAlive: PING_EVERY,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      const wait = Math.min(200 * 2 ** retries, RETRY_AT_MOST)
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)))
    },
    on: {
      connected: () => connection.set('online'),
      closed: (event) => {
        clearTimeout(pongMissing)
        // 1000 is ours: nothing is subscribed to any more.
        if ((event as CloseEvent).code !== 1000) connection.set('offline')
      },
      ping: (received) => {
        if (received) return
        clearTimeout(pongMissing)
        pongMissing = setTimeout(() => socket.terminate(), PONG_WITHIN)
      },
      pong: (received) => {
        if (received) clearTimeout(pongMissing)
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
