import { Route, Switch } from 'wouter'

import { HoursPage } from '../features/hours/HoursPage'
import { MenuPage } from '../features/menu/MenuPage'
import { RestaurantPage } from '../features/restaurant/RestaurantPage'
import { useOrderSound } from '../features/restaurant/useOrderSound'
import { RESTAURANT_QUEUE } from '../features/work/queues'
import { useQueueNotice } from '../features/work/useQueueNotice'
import { common } from '../texts/common'
import { restaurant as texts } from '../texts/restaurant'
import { NotFoundPage } from './NotFoundPage'

/** Pages of a restaurant. */
export default function RestaurantPages({ restaurant }: { restaurant: number }) {
  const sound = useOrderSound(useQueueNotice(RESTAURANT_QUEUE, { restaurant }, texts.newOrders))
  return (
    <Switch>
      <Route path="/">
        <RestaurantPage restaurant={restaurant} sound={sound} />
      </Route>
      <Route path="/menu">
        <MenuPage restaurant={restaurant} />
      </Route>
      <Route path="/hours">
        <HoursPage restaurant={restaurant} />
      </Route>
      <Route>
        <NotFoundPage back={common.toOrders} />
      </Route>
    </Switch>
  )
}
