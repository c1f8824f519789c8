import { Button, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'

import { useSessionState, useSessionStore } from '../live/context'
import { Notice } from '../states/Notice'
import type { Role } from './account'
import classes from './SignInForm.module.css'
import type { SignOutReason } from './store'

/** Account that a button of the form signs in. */
export interface DemoAccount {
  username: string
  label: string
}

const REASONS: Record<SignOutReason, string> = {
  expired: 'Your session has expired. Please sign in again.',
  rejected: 'Your session is no longer valid. Please sign in again.',
}

/** Login by name. There is no password: the backend accepts names only if it is configured as a demo. */
export function SignInForm({
  roles,
  wrongRole,
  description,
  placeholder,
  accounts = [],
}: {
  /** Roles that this app is for. */
  roles: readonly Role[]
  /** Message for an account with another role. */
  wrongRole: (username: string) => string
  description: string
  placeholder: string
  accounts?: readonly DemoAccount[]
}) {
  const store = useSessionStore()
  const { reason } = useSessionState()
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()

  const signIn = async (username: string) => {
    setBusy(true)
    setProblem(undefined)
    const answer = await store.logIn(username, ({ account }) =>
      roles.includes(account.role) ? undefined : wrongRole(username),
    )
    // After a successful login this form is no longer mounted.
    if (answer.result === 'signed-in') return
    setBusy(false)
    setProblem(answer.message)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    // Names are lowercase; phones capitalise the first letter.
    const username = name.trim().toLowerCase()
    if (username === '') setProblem('Enter a name.')
    else void signIn(username)
  }

  return (
    <form className={classes.card} onSubmit={submit} noValidate>
      <h2 className={classes.heading}>Sign in</h2>
      {reason && (
        <Notice tone="waiting" title="Signed out">
          {REASONS[reason]}
        </Notice>
      )}
      <TextInput
        label="Username"
        description={description}
        placeholder={placeholder}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        size="md"
        value={name}
        error={problem}
        onChange={(event) => {
          setName(event.currentTarget.value)
          setProblem(undefined)
        }}
      />
      <Button type="submit" size="md" fullWidth loading={busy}>
        Continue
      </Button>
      {accounts.length > 0 && (
        <div className={classes.accounts} role="group" aria-label="Demo accounts">
          <p className={classes.hint}>Or continue as</p>
          {accounts.map(({ username, label }) => (
            <Button
              key={username}
              variant="default"
              size="md"
              fullWidth
              disabled={busy}
              onClick={() => void signIn(username)}
            >
              {label}
            </Button>
          ))}
        </div>
      )}
    </form>
  )
}
