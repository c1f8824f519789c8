import { session as texts } from '../texts/session'
import { sessionOf, type Session } from './account'

/** Result of a login. */
export type LoginResult =
  | { result: 'signed-in'; session: Session }
  /** Final: the same request would fail again. */
  | { result: 'refused'; message: string }
  /** Transient: the request can be repeated. */
  | { result: 'later'; message: string }

/** Time limit of one attempt. */
const TIMEOUT_MS = 15_000

/**
 * POSTs to `/login`; never throws.
 *
 * @param loginUrl undefined if the backend has no login by name
 */
export async function logIn(loginUrl: string | undefined, username: string): Promise<LoginResult> {
  if (loginUrl === undefined) return interpret(403, { error: { code: 'demo_login_disabled' } })
  try {
    const response = await fetch(loginUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return interpret(response.status, (await response.json().catch(() => ({}))) as Answer)
  } catch {
    return { result: 'later', message: texts.offline }
  }
}

interface Answer {
  token?: unknown
  error?: { code?: string }
}

/** Converts a response of `/login`. */
export function interpret(status: number, { token, error }: Answer): LoginResult {
  const session = status === 200 && typeof token === 'string' ? sessionOf(token) : undefined
  if (session) return { result: 'signed-in', session }
  const message = texts.refusals[error?.code ?? '']
  if (message !== undefined) return { result: 'refused', message }
  return { result: 'later', message: texts.failed }
}
