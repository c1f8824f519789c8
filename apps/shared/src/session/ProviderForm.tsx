import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'

import { useSessionStore } from '../live/context'
import { Notice } from '../states/Notice'
import { session as texts } from '../texts/session'
import { SignedOutNotice } from './SignedOutNotice'
import classes from './SignInForm.module.css'
import type { SessionCheck } from './store'

/** Sign-in at the identity provider: leads to its page, and completes the sign-in when it sends the user back. */
export function ProviderForm({ check }: { check: SessionCheck }) {
  const store = useSessionStore()
  const [busy, setBusy] = useState(store.returnedFromProvider)
  const [problem, setProblem] = useState<string>()
  const latestCheck = useRef(check)

  useEffect(() => {
    let mounted = true
    void store.completeSignIn(latestCheck.current)?.then((answer) => {
      // After a successful sign-in this form is no longer mounted.
      if (!mounted || answer.result === 'signed-in') return
      setBusy(false)
      setProblem(answer.message)
    })
    return () => {
      mounted = false
    }
  }, [store])

  const signIn = async () => {
    setBusy(true)
    setProblem(undefined)
    const answer = await store.beginSignIn()
    // Otherwise the browser is loading the page of the provider.
    if (answer && answer.result !== 'signed-in') {
      setBusy(false)
      setProblem(answer.message)
    }
  }

  return (
    <div className={classes.card}>
      <h2 className={classes.heading}>{texts.signIn}</h2>
      <SignedOutNotice />
      {problem !== undefined && (
        <Notice tone="bad" title={texts.notSignedIn}>
          {problem}
        </Notice>
      )}
      <p className={classes.hint}>{texts.providerHint}</p>
      <Button size="md" fullWidth loading={busy} onClick={() => void signIn()}>
        {texts.toProvider}
      </Button>
    </div>
  )
}
