import { useLocalStorage } from '@mantine/hooks'
import { useMemo, type ReactNode } from 'react'

import { SessionContext } from './session'

/** Remembers the name in this browser, and keeps its tabs of one mind. */
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
