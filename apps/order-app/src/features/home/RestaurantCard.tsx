import { Skeleton } from '@mantine/core'
import { RestaurantPicture, minutesText, money } from '@threefactor/shared'
import { Clock } from 'lucide-react'
import { Link } from 'wouter'

import { home as texts } from '../../texts/home'
import { closedText } from '../restaurant/opening'
import { restaurantPath } from '../restaurant/paths'
import type { Restaurant } from '../restaurant/RestaurantsProvider'
import classes from './RestaurantCard.module.css'

/** Maximum number of matching dishes on a card. */
const MAX_DISHES = 3

/** Restaurant in the list, with the dishes that match the search. */
export function RestaurantCard({
  restaurant,
  dishes,
}: {
  restaurant: Restaurant
  dishes: Restaurant['menu_items']
}) {
  const { id, name, cuisine, description, picture, open, preparation_minutes } = restaurant
  return (
    <li className={classes.card} data-restaurant={id} data-closed={!open || undefined}>
      <div className={classes.picture} aria-hidden>
        <RestaurantPicture picture={picture ?? null} />
      </div>
      <div className={classes.body}>
        <div className={classes.head}>
          <h2 className={classes.name}>
            <Link href={restaurantPath(id)} className={classes.link}>
              {name}
            </Link>
          </h2>
          <span className={classes.time}>
            <Clock size={15} aria-hidden /> {minutesText(preparation_minutes)}
          </span>
        </div>
        <p className={classes.cuisine}>
          {cuisine}
          {!open && <span className={classes.closed}>{closedText(restaurant)}</span>}
        </p>
        <p className={classes.description}>{description}</p>
        {dishes.length > 0 && (
          <ul className={classes.dishes} aria-label={texts.matchingDishes(name)}>
            {dishes.slice(0, MAX_DISHES).map((dish) => (
              <li key={dish.name}>
                <Link href={restaurantPath(id, dish.name)} className={classes.dish}>
                  {texts.dish(dish.name, money(dish.price))}
                </Link>
              </li>
            ))}
            {dishes.length > MAX_DISHES && (
              <li className={classes.more}>{texts.moreDishes(dishes.length - MAX_DISHES)}</li>
            )}
          </ul>
        )}
      </div>
    </li>
  )
}

/** Card of the final size while the restaurants are loading, so that nothing moves when they arrive. */
export function RestaurantPlaceholder() {
  return (
    <li className={classes.card} aria-hidden>
      <Skeleton className={classes.picture ?? ''} radius={0} />
      <div className={classes.body}>
        <Skeleton height="1.1rem" width="60%" />
        <Skeleton height="0.9rem" width="40%" mt="0.6rem" />
        <Skeleton height="0.9rem" width="90%" mt="0.6rem" />
      </div>
    </li>
  )
}
