import { Route, Switch } from 'wouter'

import { DriverPage } from '../features/driver/DriverPage'
import { HistoryPage } from '../features/history/HistoryPage'
import { OFFERS } from '../features/work/queues'
import { useQueueNotice } from '../features/work/useQueueNotice'
import { common } from '../texts/common'
import { work } from '../texts/work'
import { NotFoundPage } from './NotFoundPage'

/** Pages of a driver. */
export default function DriverPages({ driver }: { driver: number }) {
  useQueueNotice(OFFERS, { driver }, work.offers)
  return (
    <Switch>
      <Route path="/">
        <DriverPage driver={driver} />
      </Route>
      <Route path="/today">
        <HistoryPage driver={driver} />
      </Route>
      <Route>
        <NotFoundPage back={common.toDeliveries} />
      </Route>
    </Switch>
  )
}
