import { sessionOf, type Session } from './account'
import { logIn, type LoginResult } from './logIn'

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

type Listener = () => void

/** Session of this tab: stored in the session storage and renewed before it expires. */
export class SessionStore {
  readonly #loginUrl: string | undefined
  readonly #storage: Storage
  #state: SessionState = { session: undefined }
  #listeners = new Set<Listener>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(loginUrl: string | undefined, storage: Storage) {
    this.#loginUrl = loginUrl
    this.#storage = storage
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
  async logIn(username: string, check: (session: Session) => string | undefined): Promise<LoginResult> {
    const answer = await logIn(this.#loginUrl, username)
    if (answer.result !== 'signed-in') return answer
    const message = check(answer.session)
    if (message !== undefined) return { result: 'refused', message }
    this.#set({ session: answer.session })
    return answer
  }

  logOut = (): void => this.#set({ session: undefined })

  /** Ends a session whose token the backend did not accept, or renews it if it has expired, for example during sleep. */
  reject(token: string | undefined): void {
    const { session } = this.#state
    // A response to a request with an earlier token says nothing about the present one.
    if (!session || session.token !== token) return
    if (session.expiresAt <= Date.now()) void this.#renew(session)
    else this.#set({ session: undefined, reason: 'rejected' })
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
      clearTimeout(this.#timer)
    }
    this.#listeners.forEach((listener) => listener())
  }

  #renewIn(session: Session, milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#renew(session), Math.min(milliseconds, MAX_TIMER_MS))
  }

  async #renew(session: Session): Promise<void> {
    const answer = await logIn(this.#loginUrl, session.account.userId)
    // The user has signed out in the meantime.
    if (this.#state.session !== session) return
    const remaining = session.expiresAt - Date.now()
    if (answer.result === 'signed-in') this.#set({ session: answer.session })
    else if (remaining > 0) this.#renewIn(session, Math.min(RENEWAL_RETRY_MS, remaining))
    else this.#set({ session: undefined, reason: 'expired' })
  }
}
