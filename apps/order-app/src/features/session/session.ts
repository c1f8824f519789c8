import { createContext, useContext } from 'react'

/** Who uses the app. A demo: a name is enough. */
export interface Session {
  /** Undefined until somebody has said who they are. */
  user: string | undefined
  logIn: (user: string) => void
  logOut: () => void
}

/** See {@link useSession}. */
export const SessionContext = createContext<Session | undefined>(undefined)

/** Who uses the app, and how that changes. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('there is no SessionProvider around this')
  return session
}
