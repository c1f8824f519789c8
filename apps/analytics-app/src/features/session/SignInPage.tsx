import { PageTitle, SignInForm, type DemoAccount } from '@threefactor/shared'

import { session as texts } from '../../texts/session'
import classes from './SignInPage.module.css'

const ACCOUNTS: DemoAccount[] = [
  { username: 'manager', label: texts.manager },
  { username: 'restaurant-2', label: texts.restaurant },
  { username: 'driver-1', label: texts.driver },
]

/** Login of the staff. */
export function SignInPage() {
  return (
    <div className={classes.page}>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <SignInForm
        roles={['manager', 'restaurant', 'driver']}
        wrongRole={texts.wrongRole}
        description={texts.description}
        placeholder={texts.placeholder}
        accounts={ACCOUNTS}
      />
    </div>
  )
}
