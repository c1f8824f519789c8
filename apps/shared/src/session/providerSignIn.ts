import { session as texts } from '../texts/session'
import { sessionOf } from './account'
import type { LoginResult } from './logIn'
import type { PendingSignIn, Provider, Tokens } from './oidc'

/** Keys in the session storage of the tab; the number is the version of the format. */
const PENDING_KEY = '3factor.sign-in.1'
const REFRESH_KEY = '3factor.refresh.1'

/** The window of the page; tests pass their own. */
export interface Page {
  location: Pick<Location, 'href' | 'origin' | 'assign'>
  history: Pick<History, 'replaceState'>
}

interface StoredSignIn extends PendingSignIn {
  /** Page to which the user returns. */
  path: string
}

/** Sign-in at an OpenID Connect provider: the user leaves the page and returns to its root with a response in the address. */
export class ProviderSignIn {
  readonly #provider: Provider
  readonly #storage: Storage
  readonly #page: Page
  /** The provider asks for a password again after it has signed in an account for which the app is not meant. */
  #prompt: 'login' | undefined

  constructor(provider: Provider, storage: Storage, page: Page) {
    this.#provider = provider
    this.#storage = storage
    this.#page = page
  }

  /** Leaves the page for that of the provider; returns only if that fails. */
  async begin(): Promise<LoginResult | undefined> {
    try {
      const { authorization } = await import('./oidc')
      const { url, pending } = await authorization(this.#provider, this.#root, this.#prompt)
      const { pathname } = new URL(this.#page.location.href)
      // Two slashes at the start would be the address of another host.
      const path = `/${pathname.replace(/^\/+/, '')}`
      this.#storage.setItem(PENDING_KEY, JSON.stringify({ ...pending, path }))
      this.#page.location.assign(url)
      return undefined
    } catch (error) {
      console.warn(error)
      return { result: 'later', message: texts.providerOffline }
    }
  }

  /** Whether the address of the page is a response of the provider. */
  get returned(): boolean {
    const { searchParams } = new URL(this.#page.location.href)
    return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'))
  }

  /** Redeems the response in the address of the page and removes it from there, so that a reload does not repeat it. */
  async complete(): Promise<LoginResult> {
    const address = new URL(this.#page.location.href)
    const pending = this.#takePending()
    this.#page.history.replaceState(null, '', pending?.path ?? '/')
    if (!pending) return { result: 'refused', message: texts.stale }
    return this.#result(async () => {
      const { tokensOf } = await import('./oidc')
      return tokensOf(this.#provider, this.#root, address, pending)
    })
  }

  /** Renews the session; refused without a refresh token. */
  async renew(): Promise<LoginResult> {
    const refreshToken = this.#storage.getItem(REFRESH_KEY)
    if (refreshToken === null) return { result: 'refused', message: texts.stale }
    return this.#result(async () => {
      const { renewedTokens } = await import('./oidc')
      return renewedTokens(this.#provider, refreshToken)
    })
  }

  /** Forgets the tokens, for an account for which the app is not meant. */
  discard(): void {
    this.forget()
    this.#prompt = 'login'
  }

  /** Removes the refresh token from the storage. */
  forget(): void {
    this.#storage.removeItem(REFRESH_KEY)
  }

  /** Removes the refresh token from the storage, and revokes it at the provider. A failure leaves it valid there. */
  async revoke(): Promise<void> {
    const refreshToken = this.#storage.getItem(REFRESH_KEY)
    this.forget()
    if (refreshToken === null) return
    try {
      const { revokeToken } = await import('./oidc')
      await revokeToken(this.#provider, refreshToken)
    } catch (error) {
      console.warn(error)
    }
  }

  /** Ends the session at the provider too, which leaves the page. Without a connection it ends only here. */
  async end(idToken: string): Promise<void> {
    // Not every provider ends the validity of refresh tokens with its session. A request would not outlive the page.
    await this.revoke()
    try {
      const { signOutUrl } = await import('./oidc')
      const url = await signOutUrl(this.#provider, this.#root, idToken)
      if (url !== undefined) this.#page.location.assign(url)
    } catch (error) {
      console.warn(error)
    }
  }

  async #result(request: () => Promise<Tokens>): Promise<LoginResult> {
    try {
      const { idToken, refreshToken } = await request()
      const session = sessionOf(idToken)
      if (!session) {
        this.discard()
        return { result: 'refused', message: texts.withoutRole }
      }
      if (refreshToken !== undefined) this.#storage.setItem(REFRESH_KEY, refreshToken)
      return { result: 'signed-in', session }
    } catch (error) {
      console.warn(error)
      const { isRefusal } = await import('./oidc')
      return isRefusal(error)
        ? { result: 'refused', message: texts.providerRefused }
        : { result: 'later', message: texts.providerOffline }
    }
  }

  #takePending(): StoredSignIn | undefined {
    const text = this.#storage.getItem(PENDING_KEY)
    this.#storage.removeItem(PENDING_KEY)
    return text === null ? undefined : (JSON.parse(text) as StoredSignIn)
  }

  /** Address to which the provider sends the user; registered there. */
  get #root(): string {
    return `${this.#page.location.origin}/`
  }
}
