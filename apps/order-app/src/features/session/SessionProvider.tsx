import { useLocalStorage } from '@mantine/hooks'
import { useMemo, type ReactNode } from 'react'

import { SessionContext } from './session'

/** Stores the user name in the browser, shared by its tabs. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [user, setUser, remove] = useLocalStorage({
    key: 'user',
    defaultValue: '',
    getInitialValueInEffect: false,
  })
  const session = useMemo(
    () => ({ user: user === '' ? undefined : user, logIn: setUser, logOut: remove }),
    [user, setUser, remove],
  )
  return <SessionContext value={session}>{children}</SessionContext>
}
