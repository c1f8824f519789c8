import { sessionOf, type Session } from './account'
import { logIn, type LoginResult } from './logIn'
import type { ProviderSignIn } from './providerSignIn'

/** Key in the session storage, which is separate for each tab and survives a reload. Its number is the version of the format. */
const STORAGE_KEY = '3factor.session.1'
/** A session is renewed this long before it expires. */
const RENEWAL_MARGIN_MS = 5 * 60_000
/** Delay before a failed renewal is repeated. */
const RENEWAL_RETRY_MS = 10_000
/** Longest delay of a timer; longer ones expire immediately in browsers. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Reason for which the user has to sign in again. */
export type SignOutReason = 'expired' | 'rejected'

/** State of the store. */
export interface SessionState {
  session: Session | undefined
  /** Set until the next login. */
  reason?: SignOutReason
}

/** Returns a message if the app is not for an account. */
export type SessionCheck = (session: Session) => string | undefined

type Listener = () => void

/** Session of this tab: stored in the session storage and renewed before it expires. */
export class SessionStore {
  readonly #loginUrl: string | undefined
  readonly #storage: Storage
  readonly #provider: ProviderSignIn | undefined
  #completion: Promise<LoginResult> | undefined
  #state: SessionState = { session: undefined }
  #listeners = new Set<Listener>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param provider signs users in instead of the login by name */
  constructor(loginUrl: string | undefined, storage: Storage, provider?: ProviderSignIn) {
    this.#loginUrl = loginUrl
    this.#storage = storage
    this.#provider = provider
    const session = sessionOf(storage.getItem(STORAGE_KEY) ?? '')
    if (session) this.#set({ session })
  }

  /** Returns the state; the same object until it changes. */
  get = (): SessionState => this.#state

  /** Registers a listener for changes; returns a function that removes it. */
  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Signs in by name.
   *
   * @param check returns a message if the app is not for this account; the session is discarded then
   */
  async logIn(username: string, check: SessionCheck): Promise<LoginResult> {
    return this.#accept(await logIn(this.#loginUrl, username), check)
  }

  /** Whether the provider has sent the user back to this page. */
  get returnedFromProvider(): boolean {
    return this.#completion !== undefined || this.#provider?.returned === true
  }

  /** Leaves the page for that of the provider; returns only if that fails. */
  async beginSignIn(): Promise<LoginResult | undefined> {
    return this.#provider?.begin()
  }

  /** Completes the sign-in at the provider, once however often it is called; see {@link logIn}. */
  completeSignIn(check: SessionCheck): Promise<LoginResult> | undefined {
    const provider = this.#provider
    if (!provider || !this.returnedFromProvider) return undefined
    this.#completion ??= provider.complete().then((answer) => {
      const accepted = this.#accept(answer, check)
      if (answer.result === 'signed-in' && accepted.result !== 'signed-in') provider.discard()
      return accepted
    })
    return this.#completion
  }

  /** Ends the session, also at the provider. */
  logOut = (): void => {
    const { session } = this.#state
    // First, because it reads the refresh token, which the store removes with the session.
    if (session) void this.#provider?.end(session.token)
    this.#set({ session: undefined })
  }

  /** Ends a session whose token the backend did not accept, or renews it if it has expired, for example during sleep. */
  reject(token: string | undefined): void {
    const { session } = this.#state
    // A response to a request with an earlier token says nothing about the present one.
    if (!session || session.token !== token) return
    if (session.expiresAt <= Date.now()) void this.#renew(session)
    else this.#set({ session: undefined, reason: 'rejected' })
  }

  #accept(answer: LoginResult, check: SessionCheck): LoginResult {
    if (answer.result !== 'signed-in') return answer
    const message = check(answer.session)
    if (message !== undefined) return { result: 'refused', message }
    this.#set({ session: answer.session })
    return answer
  }

  #set(state: SessionState): void {
    this.#state = state
    const { session } = state
    if (session) {
      this.#storage.setItem(STORAGE_KEY, session.token)
      const remaining = session.expiresAt - Date.now()
      // The lifetime may be shorter than the margin.
      this.#renewIn(session, remaining - Math.min(RENEWAL_MARGIN_MS, remaining / 2))
    } else {
      this.#storage.removeItem(STORAGE_KEY)
      // The completed sign-in belongs to the session that ends: the next one starts at the provider.
      this.#completion = undefined
      this.#provider?.forget()
      clearTimeout(this.#timer)
    }
    this.#listeners.forEach((listener) => listener())
  }

  #renewIn(session: Session, milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#renew(session), Math.min(milliseconds, MAX_TIMER_MS))
  }

  async #renew(session: Session): Promise<void> {
    const answer = this.#provider
      ? await this.#provider.renew()
      : await logIn(this.#loginUrl, session.account.userId)
    if (this.#state.session !== session) {
      // The user has signed out in the meantime: the renewed tokens are not kept.
      if (!this.#state.session) void this.#provider?.revoke()
      return
    }
    const remaining = session.expiresAt - Date.now()
    if (answer.result === 'signed-in') this.#set({ session: answer.session })
    else if (remaining > 0) this.#renewIn(session, Math.min(RENEWAL_RETRY_MS, remaining))
    else this.#set({ session: undefined, reason: 'expired' })
  }
}
