import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  staffMessage,
  useLive,
  weekTime,
} from '@threefactor/shared'
import { Store } from 'lucide-react'
import { Link } from 'wouter'

import {
  RestaurantOpeningsDocument,
  RestaurantsDocument,
  SetAutoApproveDocument,
  SetOpenDocument,
  type RestaurantOpeningsSubscription,
} from '../../gql/graphql'
import { availability as texts } from '../../texts/availability'
import { common } from '../../texts/common'
import { LiveSwitch } from './LiveSwitch'
import classes from './Restaurants.module.css'

type Opening = RestaurantOpeningsSubscription['restaurant_openings'][number]

/** Restaurants with their settings. */
export function Restaurants() {
  const { data, loading, error, retry } = useLive(RestaurantsDocument, {})
  const openings = useLive(RestaurantOpeningsDocument, {}).data?.restaurant_openings
  const openingOf = (id: number) => openings?.find(({ restaurant_id }) => restaurant_id === id)
  return (
    <Panel title={common.restaurants}>
      {loading && <LoadingState rows={3} label={common.loadingRestaurants} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data?.restaurants.length === 0 && (
        <EmptyState icon={<Store size={26} />} title={common.noRestaurants} />
      )}
      <ul className={classes.list} aria-label={common.restaurants}>
        {data?.restaurants.map(({ id, name, open, auto_approve }) => (
          <li key={id} className={classes.row}>
            <span>
              <span className={classes.name}>{name}</span>
              <span className={classes.hint}>{hint(open, auto_approve, openingOf(id))}</span>
            </span>
            <LiveSwitch
              target={{ id }}
              value={open}
              label={common.open}
              name={name}
              mutation={SetOpenDocument}
            />
            <LiveSwitch
              target={{ id }}
              value={auto_approve}
              label={texts.autoApprove}
              name={name}
              mutation={SetAutoApproveDocument}
            />
            <Link href={`/availability/${id}`} className={classes.menu} aria-label={texts.menuOf(name)}>
              {texts.menu}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function hint(open: boolean, auto: boolean, opening: Opening | undefined): string {
  if (!open) return common.closed
  if (opening?.opens_at != null) {
    return (opening.paused ? texts.paused : texts.outsideHours)(weekTime(opening.opens_at))
  }
  return auto ? texts.confirmsAutomatically : texts.confirmsManually
}
