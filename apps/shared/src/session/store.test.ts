import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { interpret } from './logIn'
import { memoryStorage } from './memoryStorage.testing'
import { SessionStore } from './store'
import { tokenOf } from './tokenOf.testing'

const seconds = () => Math.floor(Date.now() / 1000)
const token = (lifetime: number) => tokenOf({ role: 'customer', userId: 'alice' }, seconds() + lifetime)
const respond = (status: number, body: object) =>
  vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status })))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a session is stored until sign-out', async () => {
  const tab = memoryStorage()
  const store = new SessionStore('http://f/login', tab)
  vi.stubGlobal('fetch', respond(200, { token: token(3600) }))
  expect((await store.logIn('alice', () => undefined)).result).toBe('signed-in')
  expect(new SessionStore('http://f/login', tab).get().session?.account.userId).toBe('alice')
  store.logOut()
  expect(store.get()).toEqual({ session: undefined })
  expect(tab.length).toBe(0)
})

test('an account for which the app is not meant is not signed in', async () => {
  const store = new SessionStore('http://f/login', memoryStorage())
  vi.stubGlobal('fetch', respond(200, { token: token(3600) }))
  expect(await store.logIn('alice', () => 'staff only')).toEqual({ result: 'refused', message: 'staff only' })
  expect(store.get().session).toBeUndefined()
})

test('a session is renewed before it expires', async () => {
  const tab = memoryStorage()
  tab.setItem('3factor.session.1', token(3600))
  const store = new SessionStore('http://f/login', tab)
  const first = store.get().session
  const fetch = respond(200, { token: token(7200) })
  vi.stubGlobal('fetch', fetch)
  await vi.advanceTimersByTimeAsync(54 * 60_000)
  expect(fetch).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2 * 60_000)
  expect(fetch).toHaveBeenCalledOnce()
  expect(store.get().session?.expiresAt).toBeGreaterThan(first?.expiresAt ?? 0)
})

test('a session that cannot be renewed ends when it expires, with the reason', async () => {
  const tab = memoryStorage()
  tab.setItem('3factor.session.1', token(600))
  const store = new SessionStore('http://f/login', tab)
  vi.stubGlobal('fetch', respond(503, {}))
  await vi.advanceTimersByTimeAsync(590_000)
  expect(store.get().session).toBeDefined()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(store.get()).toEqual({ session: undefined, reason: 'expired' })
})

test('an expired session is renewed when the backend rejects it, and ends if that fails', async () => {
  for (const [status, expected] of [
    [200, { userId: 'alice' }],
    [403, undefined],
  ] as const) {
    const tab = memoryStorage()
    tab.setItem('3factor.session.1', token(600))
    const store = new SessionStore('http://f/login', tab)
    const expired = store.get().session?.token
    // The timer of the renewal does not run while the computer sleeps.
    vi.setSystemTime(Date.now() + 700_000)
    vi.stubGlobal('fetch', respond(status, { token: token(3600) }))
    store.reject(expired)
    await vi.advanceTimersByTimeAsync(0)
    if (expected) expect(store.get().session?.account).toMatchObject(expected)
    else expect(store.get()).toEqual({ session: undefined, reason: 'expired' })
  }
})

test('only the present token can be rejected', () => {
  const tab = memoryStorage()
  tab.setItem('3factor.session.1', token(600))
  const store = new SessionStore('http://f/login', tab)
  store.reject('an earlier token')
  expect(store.get().session).toBeDefined()
  store.reject(store.get().session?.token)
  expect(store.get()).toEqual({ session: undefined, reason: 'rejected' })
})

test('a refused login has a message for the user, other errors can be retried', () => {
  expect(interpret(400, { error: { code: 'invalid_value' } })).toMatchObject({ result: 'refused' })
  expect(interpret(403, { error: { code: 'demo_login_disabled' } })).toMatchObject({ result: 'refused' })
  expect(interpret(503, { error: { code: 'database_unavailable' } })).toMatchObject({ result: 'later' })
  expect(interpret(200, { token: 'not a token' })).toMatchObject({ result: 'later' })
})
