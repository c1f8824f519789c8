import { PageTitle, SignInForm, StatePicture } from '@threefactor/shared'
import { Bike, CreditCard, Zap } from 'lucide-react'

import { session as texts } from '../../texts/session'
import classes from './LoginPage.module.css'

/** Introduction and login. */
export function LoginPage() {
  return (
    <div className={classes.page}>
      <div className={classes.intro}>
        <div className={classes.picture}>
          <StatePicture name="courier" />
        </div>
        <PageTitle title={texts.title} subtitle={texts.subtitle} />
        <ul className={classes.points}>
          <li>
            <Zap size={20} aria-hidden /> {texts.live}
          </li>
          <li>
            <CreditCard size={20} aria-hidden /> {texts.cards}
          </li>
          <li>
            <Bike size={20} aria-hidden /> {texts.drivers}
          </li>
        </ul>
      </div>
      <SignInForm
        roles={['customer']}
        wrongRole={texts.wrongRole}
        description={texts.description}
        placeholder={texts.placeholder}
      />
    </div>
  )
}
