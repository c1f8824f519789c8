import { Switch } from '@mantine/core'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  staffMessage,
  useLive,
  weekTime,
} from '@threefactor/shared'
import { CookingPot, ReceiptText, Store } from 'lucide-react'

import {
  OrdersToPrepareDocument,
  RecentOrdersDocument,
  RestaurantDocument,
  RestaurantOpeningDocument,
  SetAutoApproveDocument,
  SetOpenDocument,
  type RestaurantOpeningSubscription,
} from '../../gql/graphql'
import { common } from '../../texts/common'
import { restaurant as texts } from '../../texts/restaurant'
import { LiveSwitch } from '../availability/LiveSwitch'
import { QueuePanel } from '../work/QueuePanel'
import { RESTAURANT_QUEUE } from '../work/queues'
import { OrderList } from './OrderList'
import { PauseOrders } from './PauseOrders'
import classes from './RestaurantPage.module.css'
import { TodaysFigures } from './TodaysFigures'
import { UsualMinutes } from './UsualMinutes'
import type { OrderSound } from './useOrderSound'

type Opening = RestaurantOpeningSubscription['restaurant_openings'][number]

/** Orders and opening of one restaurant. */
export function RestaurantPage({ restaurant, sound }: { restaurant: number; sound: OrderSound }) {
  const { data, loading, error, retry } = useLive(RestaurantDocument, { restaurant })
  const opening = useLive(RestaurantOpeningDocument, { restaurant }).data?.restaurant_openings[0]
  const own = data?.restaurants_by_pk
  if (loading) return <LoadingState rows={4} label={texts.loading} />
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (!own) return <EmptyState icon={<Store size={28} />} title={common.noSuchRestaurant} />
  return (
    <>
      <PageTitle title={own.name} subtitle={state(own.open, own.auto_approve, opening)}>
        <div className={classes.settings}>
          <LiveSwitch
            target={{ id: own.id }}
            value={own.open}
            label={common.open}
            name={own.name}
            mutation={SetOpenDocument}
          />
          <LiveSwitch
            target={{ id: own.id }}
            value={own.auto_approve}
            label={common.acceptAutomatically}
            name={own.name}
            mutation={SetAutoApproveDocument}
          />
          <Switch
            label={texts.sound}
            checked={sound.on}
            onChange={(event) => sound.set(event.currentTarget.checked)}
          />
          <UsualMinutes restaurant={own.id} minutes={own.preparation_minutes} />
          <PauseOrders restaurant={own.id} paused={opening?.paused === true} />
        </div>
      </PageTitle>
      <div className={classes.page}>
        <QueuePanel queue={RESTAURANT_QUEUE} scope={{ restaurant }} usualMinutes={own.preparation_minutes} />
        <div className={classes.column}>
          <TodaysFigures restaurant={restaurant} />
          <OrderList
            restaurant={restaurant}
            title={texts.preparing}
            orders={OrdersToPrepareDocument}
            usualMinutes={own.preparation_minutes}
            icon={<CookingPot size={26} />}
            empty={texts.preparingEmpty}
          >
            {texts.preparingHint}
          </OrderList>
          <OrderList
            restaurant={restaurant}
            title={texts.recent}
            orders={RecentOrdersDocument}
            usualMinutes={own.preparation_minutes}
            icon={<ReceiptText size={26} />}
            empty={texts.recentEmpty}
          >
            {texts.recentHint}
          </OrderList>
        </div>
      </div>
    </>
  )
}

function state(open: boolean, auto: boolean, opening: Opening | undefined): string {
  if (!open) return texts.states.closed
  if (opening?.opens_at != null) {
    return (opening.paused ? texts.states.paused : texts.states.outsideHours)(weekTime(opening.opens_at))
  }
  return auto ? texts.states.automatic : texts.states.manual
}
