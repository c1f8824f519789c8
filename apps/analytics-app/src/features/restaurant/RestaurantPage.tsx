import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Store } from 'lucide-react'

import { RestaurantDocument, SetAutoApproveDocument, SetOpenDocument } from '../../gql/graphql'
import { LiveSwitch } from '../availability/LiveSwitch'
import { QueuePanel } from '../work/QueuePanel'
import { RESTAURANT_QUEUE } from '../work/queues'
import { RecentOrders } from './RecentOrders'
import classes from './RestaurantPage.module.css'

/** Orders and settings of one restaurant. */
export function RestaurantPage({ restaurant }: { restaurant: number }) {
  const { data, loading, error, retry } = useLive(RestaurantDocument, { restaurant })
  const own = data?.restaurants_by_pk
  if (loading) return <LoadingState rows={4} label="Loading the restaurant" />
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (!own) return <EmptyState icon={<Store size={28} />} title="This restaurant does not exist" />
  return (
    <>
      <PageTitle title={own.name} subtitle={state(own.open, own.auto_approve)} />
      <div className={classes.page}>
        <QueuePanel queue={RESTAURANT_QUEUE} scope={{ restaurant }} />
        <div className={classes.column}>
          <Panel title="Settings">
            <div className={classes.settings}>
              <LiveSwitch
                id={own.id}
                value={own.open}
                label="Open"
                name={own.name}
                mutation={SetOpenDocument}
              />
              <LiveSwitch
                id={own.id}
                value={own.auto_approve}
                label="Auto-approve"
                name={own.name}
                mutation={SetAutoApproveDocument}
              />
            </div>
          </Panel>
          <RecentOrders restaurant={restaurant} />
        </div>
      </div>
    </>
  )
}

function state(open: boolean, auto: boolean): string {
  if (!open) return 'Closed: new orders are refused'
  return auto ? 'Open, confirms orders automatically' : 'Open, confirms orders manually'
}
