import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  Panel,
  StatusBadge,
  integerText,
  kilometresText,
  minuteTime,
  minutesText,
  staffMessage,
  useLive,
  useNow,
} from '@threefactor/shared'
import { Bike } from 'lucide-react'

import { DeliveriesDocument, DeliveryTotalsDocument, type DeliveriesSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { history as texts } from '../../texts/history'
import { Tiles } from '../figures/Tiles'
import classes from './HistoryPage.module.css'
import { midnightBefore } from './midnight'

/** Deliveries that are listed; the totals are of all of them. */
const MAX_SHOWN = 50

/** Deliveries of a driver that have ended today, and their totals. */
export function HistoryPage({ driver }: { driver: number }) {
  const since = midnightBefore(useNow(60_000))
  const { data, loading, error, retry } = useLive(DeliveriesDocument, { driver, since, limit: MAX_SHOWN })
  const sums = useLive(DeliveryTotalsDocument, { driver, since }).data?.driver_deliveries_aggregate
  const totals = sums?.aggregate ?? undefined
  const deliveries = data?.driver_deliveries ?? []
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <div className={classes.page}>
        <Tiles
          title={texts.totals}
          tiles={[
            { name: texts.delivered, value: totals && integerText(totals.count) },
            { name: texts.distance, value: totals && kilometresText(totals.sum?.kilometres ?? 0) },
            {
              name: texts.average,
              value:
                totals && (totals.avg?.minutes == null ? common.noValue : minutesText(totals.avg.minutes)),
            },
          ]}
        />
        <Panel title={texts.list}>
          {loading && <LoadingState rows={4} label={common.loadingList(texts.list)} />}
          {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
          {data && deliveries.length === 0 && (
            <EmptyState icon={<Bike size={26} />} title={texts.none}>
              {texts.noneHint}
            </EmptyState>
          )}
          <ul className={classes.list} aria-label={texts.list}>
            {deliveries.map((delivery) => (
              <Row key={delivery.order_id} delivery={delivery} />
            ))}
          </ul>
          {deliveries.length === MAX_SHOWN && (
            <p className={classes.more}>{texts.newest(integerText(MAX_SHOWN))}</p>
          )}
        </Panel>
      </div>
    </>
  )
}

function Row({ delivery }: { delivery: DeliveriesSubscription['driver_deliveries'][number] }) {
  const { order_id, restaurant, restaurant_id, status, close_reason, ended, minutes, kilometres } = delivery
  const details = [
    ended !== null && minuteTime(ended),
    order_id !== null && common.number(order_id),
    kilometres !== null && kilometresText(kilometres),
    minutes !== null && minutesText(minutes),
  ]
  return (
    <li className={classes.row} data-order={order_id}>
      <span className={classes.what}>
        <span className={classes.name}>{restaurant ?? common.restaurant(restaurant_id)}</span>
        <span className={classes.details}>{details.filter((part) => part !== false).join(' · ')}</span>
        {close_reason !== null && <span className={classes.details}>{close_reason}</span>}
      </span>
      <StatusBadge status={status ?? 'delivered'} />
    </li>
  )
}
