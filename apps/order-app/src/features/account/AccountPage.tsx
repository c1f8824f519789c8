import { PageTitle } from '@threefactor/shared'

import { account as texts } from '../../texts/account'
import classes from './AccountPage.module.css'
import { AddressPanel } from './AddressPanel'
import { AppearancePanel } from './AppearancePanel'
import { LatestOrders } from './LatestOrders'
import { SessionPanel } from './SessionPanel'

/** Account of the customer: delivery address, latest orders, colours, and sign-out. */
export function AccountPage({ user }: { user: string }) {
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.signedInAs(user)} />
      <div className={classes.panels}>
        <AddressPanel user={user} />
        <LatestOrders user={user} />
        <AppearancePanel />
        <SessionPanel />
      </div>
    </>
  )
}
