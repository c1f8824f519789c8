import { PageTitle, SignInForm } from '@threefactor/shared'
import { Bike, CreditCard, Zap } from 'lucide-react'

import classes from './LoginPage.module.css'

/** Introduction and login. */
export function LoginPage() {
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
      <SignInForm
        roles={['customer']}
        wrongRole={(username) => `“${username}” is a staff account. Sign in to the dashboard with it.`}
        description="Demo: choose any name, there is no password."
        placeholder="alice"
      />
    </div>
  )
}
