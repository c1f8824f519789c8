import { Panel, minuteTime, useNow } from '@threefactor/shared'
import { Suspense, lazy } from 'react'

import { map as texts } from '../../texts/order'
import { placesOf, whereabouts, type Tracking } from './tracking'
import classes from './TrackingPanel.module.css'

const OrderMap = lazy(() => import('./OrderMap'))

/** Age from which the time of a position is shown. */
const OLD_MS = 60_000

/** Map of an order with its text alternative; keeps its height until the places are known. */
export function TrackingPanel({ tracking }: { tracking: Tracking | undefined }) {
  const now = useNow(15_000)
  const places = tracking && placesOf(tracking)
  // Of a restaurant that no longer exists there is no place.
  if (tracking && !places) return null
  const { driver, driver_at: at, restaurant } = tracking ?? {}
  const isOld = at != null && places?.driver !== undefined && now - Date.parse(at) > OLD_MS
  return (
    <div className="no-print">
      <Panel title={texts.title}>
        <figure className={classes.figure}>
          <div className={classes.map}>
            <Suspense>
              {places && <OrderMap places={places} isPickedUp={tracking.status === 'picked_up'} />}
            </Suspense>
          </div>
          <figcaption className={classes.caption}>
            <span data-testid="whereabouts">
              {tracking && places ? whereabouts(tracking, places) : '\u00a0'}
              {isOld && ` ${texts.lastSeen(minuteTime(at))}`}
            </span>
            <span className={classes.legend}>
              <span className={classes.restaurant}>{restaurant ?? texts.restaurant}</span>
              <span className={classes.home}>{texts.you}</span>
              {places?.driver && <span className={classes.driver}>{driver ?? texts.driver}</span>}
            </span>
          </figcaption>
        </figure>
      </Panel>
    </div>
  )
}
