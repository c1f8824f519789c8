import { BackLink, Notice, PageTitle, Panel, useConfig } from '@threefactor/shared'

import { loadTest as texts } from '../../texts/loadTest'
import { overview } from '../../texts/overview'
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
      <BackLink href="/">{overview.title}</BackLink>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <Panel title={texts.orders}>
        {canSignIn ? (
          <>
            <LoadTestForm />
            <p className={classes.hint}>{texts.customerHint(CUSTOMER)}</p>
            <LoadTestResult />
          </>
        ) : (
          <Notice tone="waiting" title={texts.notAvailable}>
            {texts.notAvailableHint(CUSTOMER)} <code>{texts.command}</code>
          </Notice>
        )}
      </Panel>
    </>
  )
}
