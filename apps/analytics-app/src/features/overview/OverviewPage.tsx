import { ErrorState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { Link } from 'wouter'

import { nonNullRows } from '../../common/nonNull'
import { useAddress } from '../../common/useAddress'
import { useThrottled } from '../../common/useThrottled'
import { OrdersByStatusDocument, RestaurantFiguresDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { overview as texts } from '../../texts/overview'
import { FailureNotice } from '../failures/FailureNotice'
import { tilesOf } from '../figures/figures'
import { DEFAULT_RANGE, rangeOf } from '../figures/ranges'
import { Tiles } from '../figures/Tiles'
import { Timeline } from '../timeline/Timeline'
import { ByStatus } from './ByStatus'
import { DriverLoads } from './DriverLoads'
import { Funnel } from './Funnel'
import { NewestOrders } from './NewestOrders'
import { OverviewFilters } from './OverviewFilters'
import classes from './OverviewPage.module.css'
import { RestaurantTable } from './RestaurantTable'
import { StepTimes } from './StepTimes'

/** Figures, chart and newest orders. Time range and restaurant are in the address. */
export function OverviewPage() {
  const [params, set] = useAddress()
  const range = rangeOf(params.get('range'))
  const { data, error, retry } = useLive(OrdersByStatusDocument, {})
  const counts = data && nonNullRows(data.orders_by_status, 'status', 'count', 'reached')
  const figures = useThrottled(useLive(RestaurantFiguresDocument, { range }).data, 250)?.restaurant_figures
  const restaurants = figures && nonNullRows(figures, 'restaurant_id', 'restaurant')
  const selected = restaurants?.find(
    ({ restaurant_id }) => String(restaurant_id) === params.get('restaurant'),
  )
  return (
    <>
      <PageTitle title={texts.title}>
        <Link href="/load-test">{texts.loadTest}</Link>
      </PageTitle>
      {error && !data ? (
        <ErrorState message={staffMessage(error)} onRetry={retry} />
      ) : (
        <div className={classes.page}>
          <div className={classes.top}>
            <FailureNotice />
          </div>
          <div className={classes.top}>
            <OverviewFilters
              range={range}
              restaurants={restaurants ?? []}
              restaurant={selected?.restaurant_id}
              onRange={(range) => set('range', range === DEFAULT_RANGE ? '' : range)}
              onRestaurant={(id) => set('restaurant', id)}
            />
          </div>
          <div className={classes.top}>
            <Tiles
              title={common.inRange(selected?.restaurant ?? common.allRestaurants, common.ranges[range])}
              tiles={tilesOf(selected ?? figures?.find((row) => row.restaurant_id === null))}
            />
          </div>
          <div className={classes.top}>
            <Funnel counts={counts} />
          </div>
          <div className={classes.column}>
            <Timeline range={range} />
            <RestaurantTable rows={restaurants} range={range} selected={selected?.restaurant_id} />
            <div className={classes.last}>
              <NewestOrders restaurant={selected?.restaurant_id} />
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
