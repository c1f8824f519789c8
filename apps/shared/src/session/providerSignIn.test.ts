import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { memoryStorage } from './memoryStorage.testing'
import { ProviderSignIn, type Page } from './providerSignIn'
import { SessionStore } from './store'
import { TestProvider } from './testProvider.testing'

const ORIGIN = 'https://shop.example.com'

/** A tab: its address follows the navigations of the app. */
class TestPage implements Page {
  location = {
    href: `${ORIGIN}/orders/7`,
    origin: ORIGIN,
    assign: (url: string | URL) => void (this.location.href = String(url)),
  }
  history = {
    replaceState: (_data: unknown, _unused: string, url?: string | URL | null) =>
      void (this.location.href = new URL(String(url), this.location.href).href),
  }
}

let provider: TestProvider
let page: TestPage
let storage: Storage

beforeEach(() => {
  // The document of the provider is cached by the module.
  vi.resetModules()
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  provider = new TestProvider(`${ORIGIN}/`)
  page = new TestPage()
  storage = memoryStorage()
  vi.stubGlobal('fetch', provider.fetch)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Starts the app in the tab, as after each navigation. */
const start = () => new SessionStore(undefined, storage, new ProviderSignIn(provider.settings, storage, page))
const anyRole = () => undefined

/** Goes to the provider and back; the store is that of the page afterwards. */
async function signIn(check: () => string | undefined = anyRole) {
  await start().beginSignIn()
  page.location.href = provider.authorize(page.location.href)
  const store = start()
  return { store, answer: await store.completeSignIn(check) }
}

test('the user signs in at the provider and returns to the same page', async () => {
  const { store, answer } = await signIn()
  expect(answer?.result).toBe('signed-in')
  expect(store.get().session?.account).toEqual({ userId: 'alice', role: 'customer' })
  expect(page.location.href).toBe(`${ORIGIN}/orders/7`)
  expect(start().get().session?.account.userId).toBe('alice')
  const { searchParams } = provider.requested
  expect(Object.fromEntries(searchParams)).toMatchObject({
    response_type: 'code',
    client_id: 'apps',
    redirect_uri: `${ORIGIN}/`,
    scope: 'openid offline_access',
    code_challenge_method: 'S256',
  })
})

test('an issuer may end with a slash, which its tokens repeat', async () => {
  provider = new TestProvider(`${ORIGIN}/`, 'https://id.example.com/pool/')
  vi.stubGlobal('fetch', provider.fetch)
  expect((await signIn()).answer?.result).toBe('signed-in')
  provider.claims = { iss: 'https://id.example.com/pool' }
  expect((await signIn()).answer).toMatchObject({ result: 'refused' })
})

test('the path to which the user returns is one of this app', async () => {
  page.location.href = `${ORIGIN}//evil.example.com/`
  await signIn()
  expect(page.location.href).toBe(`${ORIGIN}/evil.example.com/`)
})

test('a sign-in is completed once, however often the form is rendered', async () => {
  await start().beginSignIn()
  page.location.href = provider.authorize(page.location.href)
  const store = start()
  await Promise.all([store.completeSignIn(anyRole), store.completeSignIn(anyRole)])
  expect(provider.redeemed).toBe(1)
  expect(store.get().session).toBeDefined()
})

test('a response is accepted only in the tab that asked for it, and once', async () => {
  await start().beginSignIn()
  const response = provider.authorize(page.location.href)
  page.location.href = response
  storage = memoryStorage()
  const stale = { result: 'refused', message: expect.stringContaining('another tab') as string }
  expect(await start().completeSignIn(anyRole)).toEqual(stale)
  expect(provider.redeemed).toBe(0)
  expect(page.location.href).toBe(`${ORIGIN}/`)

  await signIn()
  page.location.href = response
  storage.removeItem('3factor.session.1')
  expect(await start().completeSignIn(anyRole)).toEqual(stale)
})

test.each([
  ['state', (url: URL) => url.searchParams.set('state', 'forged')],
  ['code', (url: URL) => url.searchParams.set('code', 'forged')],
  ['issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example.com')],
  [
    'error',
    (url: URL) => {
      url.searchParams.delete('code')
      url.searchParams.set('error', 'access_denied')
    },
  ],
])('a response with another %s is refused', async (_what, change) => {
  await start().beginSignIn()
  const response = new URL(provider.authorize(page.location.href))
  change(response)
  page.location.href = response.href
  const store = start()
  expect(await store.completeSignIn(anyRole)).toMatchObject({ result: 'refused' })
  expect(store.get().session).toBeUndefined()
  expect(storage.length).toBe(0)
})

test.each([
  { iss: 'https://evil.example.com' },
  { aud: 'another application' },
  { nonce: 'of another sign-in' },
  { exp: 1 },
])('a token with other claims is refused: %o', async (claims) => {
  provider.claims = claims
  const { store, answer } = await signIn()
  expect(answer).toMatchObject({ result: 'refused' })
  expect(store.get().session).toBeUndefined()
})

test('a user without a role, or with that of another app, is not signed in, and is asked again', async () => {
  provider.claims = { 'https://hasura.io/jwt/claims': { 'x-hasura-default-role': 'admin' } }
  const admin = await signIn()
  expect(admin.answer).toMatchObject({ result: 'refused' })
  provider.claims = {}
  const { store, answer } = await signIn(() => 'staff only')
  expect(answer).toEqual({ result: 'refused', message: 'staff only' })
  expect(store.get().session).toBeUndefined()
  expect(storage.length).toBe(0)
  await store.beginSignIn()
  expect(new URL(page.location.href).searchParams.get('prompt')).toBe('login')
})

test('the session is renewed with the refresh token, which the provider may replace', async () => {
  const { store } = await signIn()
  const first = store.get().session
  for (const token of ['refresh-2', 'refresh-3']) {
    await vi.advanceTimersByTimeAsync(56 * 60_000)
    expect(storage.getItem('3factor.refresh.1')).toBe(token)
  }
  expect(store.get().session?.expiresAt).toBeGreaterThan(first?.expiresAt ?? 0)
  expect(store.get().session?.account).toEqual(first?.account)
})

test('tokens that arrive after sign-out are not kept', async () => {
  const { store } = await signIn()
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
    await released
    return provider.fetch(...args)
  })
  await vi.advanceTimersByTimeAsync(56 * 60_000)
  store.logOut()
  release()
  await vi.waitFor(() => {
    expect(page.location.href).toContain('/logout')
    expect(provider.refreshes).toBe(2)
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(storage.length).toBe(0)
  await vi.waitFor(() => {
    expect(provider.revokedTokens).toEqual(['refresh-1', 'refresh-2'])
  })
})

test('the session ends when the provider refuses to renew it', async () => {
  const { store } = await signIn()
  provider.revoked = true
  await vi.advanceTimersByTimeAsync(61 * 60_000)
  expect(store.get()).toEqual({ session: undefined, reason: 'expired' })
  expect(storage.length).toBe(0)
})

test.each([
  [
    'expired',
    async () => {
      provider.revoked = true
      await vi.advanceTimersByTimeAsync(61 * 60_000)
    },
  ],
  [
    'rejected',
    (store: SessionStore) => {
      store.reject(store.get().session?.token)
    },
  ],
] as const)('a user whose session was %s can sign in again on the same page', async (reason, end) => {
  const { store } = await signIn()
  await end(store)
  expect(store.get()).toEqual({ session: undefined, reason })
  // The form waits for the provider only after a return from there.
  expect(store.returnedFromProvider).toBe(false)
  expect(store.completeSignIn(anyRole)).toBeUndefined()
  expect(await store.beginSignIn()).toBeUndefined()
  expect(page.location.href).toContain('/sign-in?')
})

test('sign-out ends the session at the provider too', async () => {
  const { store } = await signIn()
  const { token } = store.get().session ?? {}
  store.logOut()
  expect(store.get()).toEqual({ session: undefined })
  expect(storage.length).toBe(0)
  await vi.waitFor(() => {
    const url = new URL(page.location.href)
    expect(url.origin + url.pathname).toBe('https://id.example.com/pool/logout')
    expect(url.searchParams.get('id_token_hint')).toBe(token)
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${ORIGIN}/`)
  })
})

test('sign-out revokes the refresh token before it leaves the page', async () => {
  const { store } = await signIn()
  const revokedAtLeave = new Promise((resolve) => {
    vi.spyOn(page.location, 'assign').mockImplementation(() => {
      resolve([...provider.revokedTokens])
    })
  })
  store.logOut()
  expect(await revokedAtLeave).toEqual(['refresh-1'])
  expect(storage.length).toBe(0)
})

test.each([
  ['is missing', () => (provider.revocation = undefined)],
  ['fails', () => (provider.revocation = { status: 503 })],
  [
    'is unreachable',
    () => {
      vi.stubGlobal('fetch', (url: string, init?: RequestInit) =>
        url.endsWith('/revoke') ? Promise.reject(new TypeError('fetch failed')) : provider.fetch(url, init),
      )
    },
  ],
])('sign-out continues if the revocation endpoint %s', async (_how, change) => {
  change()
  const { store } = await signIn()
  store.logOut()
  expect(storage.length).toBe(0)
  await vi.waitFor(() => {
    expect(page.location.href).toContain('/logout')
  })
})

test('an unavailable provider is reported and can be tried again', async () => {
  provider.available = false
  expect(await start().beginSignIn()).toMatchObject({ result: 'later' })
  provider.available = true
  expect(await start().beginSignIn()).toBeUndefined()
  page.location.href = provider.authorize(page.location.href)
  provider.available = false
  expect(await start().completeSignIn(anyRole)).toMatchObject({ result: 'later' })
})
