/** Roles of accounts; the backend decides what each may do. */
export const ROLES = ['customer', 'restaurant', 'driver', 'manager'] as const

/** Role of an account. */
export type Role = (typeof ROLES)[number]

/** Account that is signed in. */
export interface Account {
  userId: string
  role: Role
  /** Set for the role `restaurant`. */
  restaurantId?: number
  /** Set for the role `driver`. */
  driverId?: number
}

/** Account with the token that proves it. */
export interface Session {
  account: Account
  token: string
  /** In milliseconds since 1970. */
  expiresAt: number
}

const CLAIMS = 'https://hasura.io/jwt/claims'

/**
 * Reads the session from a token. The token is not verified here: the backend does that with each request, and what the app
 * reads from it only selects what is displayed.
 *
 * @returns undefined if the token is not a token of this application
 */
export function sessionOf(token: string): Session | undefined {
  const payload = decoded(token)
  const claims = objectOf(payload?.[CLAIMS])
  if (!claims || typeof payload?.exp !== 'number') return undefined
  const { 'x-hasura-default-role': name, 'x-hasura-user-id': userId } = claims
  const role = ROLES.find((role) => role === name)
  if (!role || typeof userId !== 'string') return undefined
  const id = (name: string) => {
    const value = claims[`x-hasura-${name}-id`]
    return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined
  }
  const [restaurantId, driverId] = [id('restaurant'), id('driver')]
  return {
    token,
    expiresAt: payload.exp * 1000,
    account: {
      userId,
      role,
      ...(restaurantId !== undefined && { restaurantId }),
      ...(driverId !== undefined && { driverId }),
    },
  }
}

function decoded(token: string): Record<string, unknown> | undefined {
  const [, payload = ''] = token.split('.')
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    )
    return objectOf(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

/** Returns an object, or parses it from a text, which is how some providers issue claims. */
function objectOf(value: unknown): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
