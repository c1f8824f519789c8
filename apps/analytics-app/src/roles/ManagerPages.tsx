import { orderIdFromPath } from '@threefactor/shared'
import { Route, Switch } from 'wouter'

import { AvailabilityPage } from '../features/availability/AvailabilityPage'
import { LoadTestPage } from '../features/loadtest/LoadTestPage'
import { LoadTestProvider } from '../features/loadtest/LoadTestProvider'
import { RestaurantMenuPage } from '../features/menu/RestaurantMenuPage'
import { OrderDetailPage } from '../features/orders/OrderDetailPage'
import { OrdersPage } from '../features/orders/OrdersPage'
import { OverviewPage } from '../features/overview/OverviewPage'
import { StuckPage } from '../features/stuck/StuckPage'
import { WorkPage } from '../features/work/WorkPage'
import { common } from '../texts/common'
import { NotFoundPage } from './NotFoundPage'

/** Pages of the manager. */
export default function ManagerPages() {
  return (
    <LoadTestProvider>
      <Switch>
        <Route path="/">
          <OverviewPage />
        </Route>
        <Route path="/orders">
          <OrdersPage />
        </Route>
        <Route path="/orders/:id">
          {({ id }) => <OrderDetailPage key={id} id={orderIdFromPath(window.location.pathname)} />}
        </Route>
        <Route path="/load-test">
          <LoadTestPage />
        </Route>
        <Route path="/work">
          <WorkPage />
        </Route>
        <Route path="/availability">
          <AvailabilityPage />
        </Route>
        <Route path="/availability/:restaurant">
          {({ restaurant }) => <RestaurantMenuPage key={restaurant} restaurant={Number(restaurant)} />}
        </Route>
        <Route path="/stuck">
          <StuckPage />
        </Route>
        <Route>
          <NotFoundPage back={common.toOverview} />
        </Route>
      </Switch>
    </LoadTestProvider>
  )
}
