import { Button, TextInput } from '@mantine/core'
import { PageTitle } from '@threefactor/shared'
import { Bike, CreditCard, Zap } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'

import classes from './LoginPage.module.css'
import { useSession } from './session'

/** Login by name only. */
export function LoginPage() {
  const { logIn } = useSession()
  const [name, setName] = useState('')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (name.trim()) logIn(name.trim())
  }
  return (
    <div className={classes.page}>
      <div className={classes.intro}>
        <PageTitle title="Dinner in real time" subtitle="Order, pay and follow every step as it happens." />
        <ul className={classes.points}>
          <li>
            <Zap size={20} aria-hidden /> Live updates on every order
          </li>
          <li>
            <CreditCard size={20} aria-hidden /> Demo cards: you are never charged
          </li>
          <li>
            <Bike size={20} aria-hidden /> 50 drivers ready to deliver
          </li>
        </ul>
      </div>
      <form className={classes.card} onSubmit={submit}>
        <h2 className={classes.heading}>Log in</h2>
        <TextInput
          label="Username"
          description="Demo login: choose any name."
          placeholder="alice"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          required
          withAsterisk={false}
          size="md"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="md" fullWidth>
          Continue
        </Button>
      </form>
    </div>
  )
}
