import { Button, TextInput } from '@mantine/core'
import { PageTitle, Panel } from '@threefactor/shared/ui'
import { useState, type SyntheticEvent } from 'react'

import classes from './SignInPage.module.css'

/** Asks for the admin secret. */
export function SignInPage({
  wasRefused,
  onSubmit,
}: {
  wasRefused: boolean
  onSubmit: (secret: string) => void
}) {
  const [secret, setSecret] = useState('')
  const [error, setError] = useState(wasRefused ? 'The engine refused this secret.' : undefined)
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    if (secret === '') setError('Enter the admin secret.')
    else onSubmit(secret)
  }
  return (
    <div className={classes.page}>
      <PageTitle title="Sign in to the console" />
      <Panel title="Admin secret">
        <form onSubmit={submit} noValidate className={classes.form}>
          <TextInput
            type="password"
            label="Secret of this engine"
            description="Value of HASURA_GRAPHQL_ADMIN_SECRET. The browser keeps it until the tab is closed."
            autoComplete="current-password"
            value={secret}
            error={error}
            onChange={(event) => {
              setSecret(event.currentTarget.value)
              setError(undefined)
            }}
          />
          <Button type="submit">Sign in</Button>
        </form>
      </Panel>
    </div>
  )
}
