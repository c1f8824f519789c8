import { EmptyState, ErrorState, LoadingState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { CookingPot, ReceiptText, Store } from 'lucide-react'

import {
  OrdersToPrepareDocument,
  RecentOrdersDocument,
  RestaurantDocument,
  SetAutoApproveDocument,
  SetOpenDocument,
} from '../../gql/graphql'
import { LiveSwitch } from '../availability/LiveSwitch'
import { QueuePanel } from '../work/QueuePanel'
import { RESTAURANT_QUEUE } from '../work/queues'
import { OrderList } from './OrderList'
import classes from './RestaurantPage.module.css'
import { TodaysFigures } from './TodaysFigures'

/** Orders and opening of one restaurant. */
export function RestaurantPage({ restaurant }: { restaurant: number }) {
  const { data, loading, error, retry } = useLive(RestaurantDocument, { restaurant })
  const own = data?.restaurants_by_pk
  if (loading) return <LoadingState rows={4} label="Loading the restaurant" />
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (!own) return <EmptyState icon={<Store size={28} />} title="This restaurant does not exist" />
  return (
    <>
      <PageTitle title={own.name} subtitle={state(own.open, own.auto_approve)}>
        <div className={classes.settings}>
          <LiveSwitch
            target={{ id: own.id }}
            value={own.open}
            label="Open"
            name={own.name}
            mutation={SetOpenDocument}
          />
          <LiveSwitch
            target={{ id: own.id }}
            value={own.auto_approve}
            label="Accept automatically"
            name={own.name}
            mutation={SetAutoApproveDocument}
          />
        </div>
      </PageTitle>
      <div className={classes.page}>
        <QueuePanel queue={RESTAURANT_QUEUE} scope={{ restaurant }} />
        <div className={classes.column}>
          <TodaysFigures restaurant={restaurant} />
          <OrderList
            restaurant={restaurant}
            title="In preparation"
            orders={OrdersToPrepareDocument}
            icon={<CookingPot size={26} />}
            empty="Nothing to prepare"
          >
            Accepted orders are here until their driver picks them up.
          </OrderList>
          <OrderList
            restaurant={restaurant}
            title="Recent orders"
            orders={RecentOrdersDocument}
            icon={<ReceiptText size={26} />}
            empty="No orders yet"
          >
            Orders that are picked up or closed appear here.
          </OrderList>
        </div>
      </div>
    </>
  )
}

function state(open: boolean, auto: boolean): string {
  if (!open) return 'Closed: new orders are refused'
  return auto ? 'Open, confirms orders automatically' : 'Open, confirms orders manually'
}
