import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'

import { initial } from '../display/initial'
import { useSessionState, useSessionStore } from '../live/context'
import { forgetUser } from '../storage'
import { session as texts } from '../texts/session'
import classes from './UserMenu.module.css'

/** Name of the user and sign-out button; nothing before sign-in. */
export function UserMenu({
  beforeSignOut,
}: {
  /** Completes work that needs the session; resolves to false if that failed, and the user stays signed in. */
  beforeSignOut?: () => Promise<boolean>
}) {
  const { session } = useSessionState()
  const store = useSessionStore()
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  if (!session) return null
  const { userId } = session.account
  const signOut = async () => {
    setBusy(true)
    const ready = (await beforeSignOut?.()) ?? true
    setBusy(false)
    if (!ready) return
    store.logOut()
    forgetUser(window.localStorage, userId)
    // The next user must not land on a page of this one.
    navigate('/')
  }
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
