import { ErrorState, PageTitle, explain, useLive } from '@threefactor/shared'

import { whole } from '../../common/whole'
import { OrdersByStatusDocument } from '../../gql/graphql'
import { Timeline } from '../timeline/Timeline'
import { ByStatus } from './ByStatus'
import { DriverLoads } from './DriverLoads'
import { Funnel } from './Funnel'
import { NewestOrders } from './NewestOrders'
import classes from './OverviewPage.module.css'
import { StepTimes } from './StepTimes'

/** All that there is to see at a glance, live. */
export function OverviewPage() {
  const { data, error, retry } = useLive(OrdersByStatusDocument, {})
  const counts = data && whole(data.orders_by_status, 'status', 'count', 'reached')
  return (
    <>
      <PageTitle title="Overview" subtitle="Everything on this page is live." />
      {error && !data ? (
        <ErrorState message={explain(error)} onRetry={retry} />
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
