import { createContext, useContext } from 'react'

/** Session of the app: a name without authentication, because this is a demo. */
export interface Session {
  /** Undefined before login. */
  user: string | undefined
  logIn: (user: string) => void
  logOut: () => void
}

/** See {@link useSession}. */
export const SessionContext = createContext<Session | undefined>(undefined)

/** Returns the session. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession must be used within a SessionProvider')
  return session
}
