import { Button, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'

import { useConfig, useSessionStore } from '../live/context'
import { session as texts } from '../texts/session'
import type { Role } from './account'
import classes from './SignInForm.module.css'
import { ProviderForm } from './ProviderForm'
import { SignedOutNotice } from './SignedOutNotice'
import type { SessionCheck } from './store'

/** Account that a button of the form signs in. */
export interface DemoAccount {
  username: string
  label: string
}

interface SignInProps {
  /** Roles that this app is for. */
  roles: readonly Role[]
  /** Message for an account with another role. */
  wrongRole: (username: string) => string
  description: string
  placeholder: string
  accounts?: readonly DemoAccount[]
}

/** Sign-in at the identity provider of the backend, or by name. */
export function SignInForm({ roles, wrongRole, ...form }: SignInProps) {
  const { oidc } = useConfig()
  const check: SessionCheck = ({ account: { role, userId } }) =>
    roles.includes(role) ? undefined : wrongRole(userId)
  return oidc ? <ProviderForm check={check} /> : <NameForm check={check} {...form} />
}

/** Login by name. There is no password: the backend accepts names only if it is configured as a demo. */
function NameForm({
  check,
  description,
  placeholder,
  accounts = [],
}: Omit<SignInProps, 'roles' | 'wrongRole'> & { check: SessionCheck }) {
  const store = useSessionStore()
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()

  const signIn = async (username: string) => {
    setBusy(true)
    setProblem(undefined)
    const answer = await store.logIn(username, check)
    // After a successful login this form is no longer mounted.
    if (answer.result === 'signed-in') return
    setBusy(false)
    setProblem(answer.message)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    // Names are lowercase; phones capitalise the first letter.
    const username = name.trim().toLowerCase()
    if (username === '') setProblem(texts.enterName)
    else void signIn(username)
  }

  return (
    <form className={classes.card} onSubmit={submit} noValidate>
      <h2 className={classes.heading}>{texts.signIn}</h2>
      <SignedOutNotice />
      <TextInput
        label={texts.username}
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
        {texts.continue}
      </Button>
      {accounts.length > 0 && (
        <div className={classes.accounts} role="group" aria-label={texts.demoAccounts}>
          <p className={classes.hint}>{texts.orContinueAs}</p>
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
