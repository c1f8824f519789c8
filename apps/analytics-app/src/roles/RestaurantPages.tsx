import { counted } from '@threefactor/shared'
import { Route, Switch } from 'wouter'

import { MenuPage } from '../features/menu/MenuPage'
import { RestaurantPage } from '../features/restaurant/RestaurantPage'
import { RESTAURANT_QUEUE } from '../features/work/queues'
import { useQueueNotice } from '../features/work/useQueueNotice'
import { NotFoundPage } from './NotFoundPage'

/** Pages of a restaurant. */
export default function RestaurantPages({ restaurant }: { restaurant: number }) {
  useQueueNotice(RESTAURANT_QUEUE, { restaurant }, (count) => counted(count, 'new order'))
  return (
    <Switch>
      <Route path="/">
        <RestaurantPage restaurant={restaurant} />
      </Route>
      <Route path="/menu">
        <MenuPage restaurant={restaurant} />
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  )
}
