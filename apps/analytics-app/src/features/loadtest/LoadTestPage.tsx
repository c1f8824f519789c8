import { Notice, PageTitle, Panel, useConfig } from '@threefactor/shared'

import { BackLink } from '../../common/BackLink'
import { CUSTOMER } from './customer'
import { LoadTestForm } from './LoadTestForm'
import classes from './LoadTestPage.module.css'
import { LoadTestResult } from './LoadTestResult'

/** Load test of the backend: places many orders as one customer. */
export function LoadTestPage() {
  const { access, loginUrl } = useConfig()
  // A manager may not place orders, so the load test has to sign in as a customer.
  const canSignIn = access === 'open' || loginUrl !== undefined
  return (
    <>
      <BackLink href="/">Overview</BackLink>
      <PageTitle title="Load test" subtitle="Places many orders as fast as the backend accepts them" />
      <Panel title="Orders">
        {canSignIn ? (
          <>
            <LoadTestForm />
            <p className={classes.hint}>
              The customer of the orders is “{CUSTOMER}”. Sign in to the order app with this name to pay them.
            </p>
            <LoadTestResult />
          </>
        ) : (
          <Notice tone="waiting" title="Not available here">
            The load test signs in by name as the customer “{CUSTOMER}”, and this deployment signs users in at
            an identity provider. Run it on a stack with the demo login, such as that of{' '}
            <code>cargo xtask dev</code>.
          </Notice>
        )}
      </Panel>
    </>
  )
}
