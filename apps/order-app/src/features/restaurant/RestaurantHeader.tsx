import { Notice, PageTitle, RestaurantPicture, minutesText } from '@threefactor/shared'
import { BadgeCheck, Clock } from 'lucide-react'

import { restaurant as texts } from '../../texts/restaurant'
import { closedText } from './opening'
import { OpeningHours } from './OpeningHours'
import classes from './RestaurantHeader.module.css'
import type { Restaurant } from './RestaurantsProvider'

/** Picture, name and facts of a restaurant; without them while they are loading. */
export function RestaurantHeader({ restaurant }: { restaurant: Restaurant | undefined }) {
  return (
    <div className={classes.header}>
      <div className={classes.picture} data-closed={restaurant?.open === false || undefined} aria-hidden>
        {restaurant && <RestaurantPicture picture={restaurant.picture ?? null} />}
      </div>
      <div className={classes.facts}>
        <PageTitle
          title={restaurant?.name ?? texts.placeholderTitle}
          subtitle={restaurant?.cuisine ?? '\u00a0'}
        />
        <p className={classes.description}>{restaurant?.description ?? '\u00a0'}</p>
        <ul className={classes.list}>
          {restaurant && (
            <>
              <li>
                <Clock size={17} aria-hidden /> {texts.minutes(minutesText(restaurant.preparation_minutes))}
              </li>
              <li>
                <BadgeCheck size={17} aria-hidden />
                {restaurant.auto_approve ? texts.confirmsAutomatically : texts.confirmsManually}
              </li>
            </>
          )}
        </ul>
        {restaurant && <OpeningHours hours={restaurant.opening_hours} zone={restaurant.time_zone} />}
        {restaurant?.open === false && (
          <Notice
            tone="waiting"
            title={(restaurant.paused ? texts.pausedNow : texts.closedNow)(restaurant.name)}
          >
            {restaurant.opensAt === undefined
              ? texts.closedHint
              : texts.opensHint(closedText(restaurant) ?? '')}
          </Notice>
        )}
      </div>
    </div>
  )
}
