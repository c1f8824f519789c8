import { useState } from 'react'
import { useLocation } from 'wouter'

import { useSessionState, useSessionStore } from '../live/context'
import { forgetUser } from '../storage'

/**
 * Returns a function that signs the user out and forgets what is stored for the user, and whether it is busy.
 *
 * @param before completes work that needs the session; resolves to false if that failed, and the user stays signed in
 */
export function useSignOut(before?: () => Promise<boolean>): { busy: boolean; signOut: () => Promise<void> } {
  const { session } = useSessionState()
  const store = useSessionStore()
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  const signOut = async () => {
    if (!session) return
    setBusy(true)
    const ready = (await before?.()) ?? true
    setBusy(false)
    if (!ready) return
    store.logOut()
    forgetUser(window.localStorage, session.account.userId)
    // The next user must not land on a page of this one.
    navigate('/')
  }
  return { busy, signOut }
}
