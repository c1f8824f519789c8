import { PageTitle, SignInForm, type DemoAccount } from '@threefactor/shared'

import classes from './SignInPage.module.css'

const ACCOUNTS: DemoAccount[] = [
  { username: 'manager', label: 'Manager' },
  { username: 'restaurant-2', label: 'Casa Cura, a restaurant' },
  { username: 'driver-1', label: 'Ada, a driver' },
]

/** Login of the staff. */
export function SignInPage() {
  return (
    <div className={classes.page}>
      <PageTitle title="Presto for staff" subtitle="For managers, restaurants and drivers" />
      <SignInForm
        roles={['manager', 'restaurant', 'driver']}
        wrongRole={(username) => `“${username}” is a customer account. Sign in with a staff account.`}
        description="Demo: restaurant-1 to -3, driver-1 to -50, or manager. There is no password."
        placeholder="manager"
        accounts={ACCOUNTS}
      />
    </div>
  )
}
