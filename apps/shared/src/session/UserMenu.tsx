import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'

import { initial } from '../display/initial'
import { useSessionState } from '../live/context'
import { session as texts } from '../texts/session'
import { useSignOut } from './useSignOut'
import classes from './UserMenu.module.css'

/** Name of the user and sign-out button; nothing before sign-in. */
export function UserMenu({
  beforeSignOut,
}: {
  /** Completes work that needs the session; resolves to false if that failed, and the user stays signed in. */
  beforeSignOut?: () => Promise<boolean>
}) {
  const { session } = useSessionState()
  const { busy, signOut } = useSignOut(beforeSignOut)
  if (!session) return null
  const { userId } = session.account
  return (
    <div className={classes.user}>
      <span className={classes.avatar} aria-hidden>
        {initial(userId)}
      </span>
      <span className={classes.name}>{userId}</span>
      <Button
        variant="subtle"
        color="gray"
        className={classes.signOut}
        aria-label={texts.signOut}
        title={texts.signOutUser(userId)}
        loading={busy}
        onClick={() => void signOut()}
      >
        <LogOut size={17} aria-hidden />
        <span className={classes.label}>{texts.signOut}</span>
      </Button>
    </div>
  )
}
