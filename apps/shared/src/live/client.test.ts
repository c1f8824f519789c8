import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import type { Config } from '../config'
import { memoryStorage } from '../session/memoryStorage.testing'
import { SessionStore } from '../session/store'
import { tokenOf } from '../session/tokenOf.testing'
import { createLive } from './client'

const LOGIN_URL = 'http://f/login'
const config: Config = {
  graphqlUrl: 'http://h/v1/graphql',
  graphqlWsUrl: 'ws://h/v1/graphql',
  functionsUrl: 'http://f',
  loginUrl: LOGIN_URL,
  oidc: undefined,
  access: 'secured',
  traceUrl: undefined,
}
const tokenFor = (userId: string) =>
  tokenOf({ role: 'customer', userId }, Math.floor(Date.now() / 1000) + 3600)

/** A request that the backend has received and not answered yet. */
interface Received {
  authorization: string | null
  refuse: () => void
}

let store: SessionStore
let received: Received[]

beforeEach(() => {
  vi.useFakeTimers()
  received = []
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (url === LOGIN_URL) {
      const { username } = JSON.parse(init.body as string) as { username: string }
      return Promise.resolve(Response.json({ token: tokenFor(username) }))
    }
    return new Promise<Response>((resolve) => {
      const refusal = { errors: [{ message: 'Could not verify JWT', extensions: { code: 'invalid-jwt' } }] }
      received.push({
        authorization: new Headers(init.headers).get('authorization'),
        refuse: () => {
          resolve(Response.json(refusal))
        },
      })
    })
  })
  store = new SessionStore(LOGIN_URL, memoryStorage())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const signIn = (name: string) => store.logIn(name, () => undefined)

/** Sends a query; returns the request that the backend has received, and the result. */
async function send(live: ReturnType<typeof createLive>) {
  const result = live.client.query('{ menu_items { name } }', {}).toPromise()
  const request = await vi.waitUntil(() => received[0])
  return { request, result }
}

test('a refused token ends its session', async () => {
  const live = createLive(config, store)
  await signIn('alice')
  const { request, result } = await send(live)
  expect(request.authorization).toBe(`Bearer ${store.get().session?.token ?? ''}`)
  request.refuse()
  expect((await result).error).toBeDefined()
  expect(store.get()).toEqual({ session: undefined, reason: 'rejected' })
})

test('a late refusal of an earlier token does not end the present session', async () => {
  const live = createLive(config, store)
  await signIn('alice')
  const { request, result } = await send(live)
  store.logOut()
  await signIn('bob')
  request.refuse()
  expect((await result).error).toBeDefined()
  expect(store.get().session?.account.userId).toBe('bob')
})

test('a refused request without a token ends no session', async () => {
  const live = createLive(config, store)
  const { request, result } = await send(live)
  expect(request.authorization).toBeNull()
  await signIn('alice')
  request.refuse()
  await result
  expect(store.get().session?.account.userId).toBe('alice')
})

test('a lost network is reported at once, and its return if no socket was lost', () => {
  const network = new EventTarget()
  const { connection } = createLive(config, store, network)
  expect(connection.get()).toBe('online')
  network.dispatchEvent(new Event('offline'))
  expect(connection.get()).toBe('offline')
  network.dispatchEvent(new Event('online'))
  expect(connection.get()).toBe('online')
})

test('a request has a time limit of 15 s', async () => {
  const limits: number[] = []
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    limits.push(milliseconds)
    return AbortSignal.abort(new DOMException('timed out', 'TimeoutError'))
  })
  vi.stubGlobal('fetch', (_url: string, { signal }: RequestInit) =>
    Promise.reject(signal?.reason as DOMException),
  )
  const live = createLive(config, store)
  const { error } = await live.client.mutation('mutation { approve }', {}).toPromise()
  expect(error?.networkError).toBeDefined()
  expect(limits).toEqual([15_000])
  vi.restoreAllMocks()
})
