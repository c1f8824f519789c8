import { Button, TextInput } from '@mantine/core'
import { PageTitle } from '@threefactor/shared'
import { Bike, CreditCard, Zap } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'

import classes from './LoginPage.module.css'
import { useSession } from './session'

/** Asks for a name. */
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
        <PageTitle
          title="Dinner, in real time."
          subtitle="Order, pay, and watch every step of your order as it happens. Nothing to refresh."
        />
        <ul className={classes.points}>
          <li>
            <Zap size={20} aria-hidden /> Each change is on your screen in a blink
          </li>
          <li>
            <CreditCard size={20} aria-hidden /> Demo cards, no money: try the ones that decline, too
          </li>
          <li>
            <Bike size={20} aria-hidden /> Fifty drivers are waiting
          </li>
        </ul>
      </div>
      <form className={classes.card} onSubmit={submit}>
        <h2 className={classes.heading}>Log in</h2>
        <TextInput
          label="Username"
          description="This is a demo: any name will do, there is no password."
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
