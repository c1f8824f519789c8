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

const MESSAGES: Record<string, string> = {
  invalid_value:
    'Use lowercase letters, digits, dots, underscores and hyphens; start with a letter or digit; at most 64 characters.',
  account_not_found: 'This name is reserved for staff, and there is no such account.',
  demo_login_disabled: 'Signing in by name is not available here. Use your organisation’s sign-in page.',
}

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
    return { result: 'later', message: 'You appear to be offline. Please try again.' }
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
  const message = MESSAGES[error?.code ?? '']
  if (message !== undefined) return { result: 'refused', message }
  return { result: 'later', message: 'You could not be signed in. Please try again.' }
}
