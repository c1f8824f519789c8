import { ErrorState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { Link } from 'wouter'

import { nonNullRows } from '../../common/nonNull'
import { OrdersByStatusDocument } from '../../gql/graphql'
import { Timeline } from '../timeline/Timeline'
import { ByStatus } from './ByStatus'
import { DriverLoads } from './DriverLoads'
import { Funnel } from './Funnel'
import { NewestOrders } from './NewestOrders'
import classes from './OverviewPage.module.css'
import { StepTimes } from './StepTimes'

/** Counters, chart and newest orders. */
export function OverviewPage() {
  const { data, error, retry } = useLive(OrdersByStatusDocument, {})
  const counts = data && nonNullRows(data.orders_by_status, 'status', 'count', 'reached')
  return (
    <>
      <PageTitle title="Overview">
        <Link href="/load-test">Load test</Link>
      </PageTitle>
      {error && !data ? (
        <ErrorState message={staffMessage(error)} onRetry={retry} />
      ) : (
        <div className={classes.page}>
          <div className={classes.top}>
            <Funnel counts={counts} />
          </div>
          <div className={classes.column}>
            <Timeline />
            <div className={classes.last}>
              <NewestOrders />
            </div>
          </div>
          <div className={classes.column}>
            <ByStatus counts={counts} />
            <StepTimes />
            <DriverLoads />
          </div>
        </div>
      )}
    </>
  )
}
