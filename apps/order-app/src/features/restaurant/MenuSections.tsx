import { Skeleton } from '@mantine/core'
import { useEffect, useRef } from 'react'

import type { MenuSubscription } from '../../gql/graphql'
import { useCart } from '../cart/CartProvider'
import type { Category } from './categories'
import { categoryId } from './CategoryNav'
import { DishCard, DishPlaceholder } from './DishCard'
import classes from './MenuSections.module.css'
import type { Restaurant } from './RestaurantsProvider'

type Dish = MenuSubscription['menu_items'][number]

/** Number of cards while the menu is loading. */
const PLACEHOLDERS = 4

/** Sections of the menu of a restaurant. */
export function MenuSections({
  restaurant,
  categories,
  shown,
}: {
  restaurant: Restaurant
  categories: readonly Category<Dish>[]
  /** Name of the dish to which the page scrolls. */
  shown: string | null
}) {
  const { cart, setQuantity } = useCart()
  const dishes = cart?.restaurant.id === restaurant.id ? cart.dishes : {}
  const list = useRef<HTMLDivElement>(null)
  const loaded = categories.length > 0
  useEffect(() => {
    if (!loaded || shown === null) return
    const card = list.current?.querySelector(`[data-dish="${CSS.escape(shown)}"]`)
    card?.scrollIntoView({ block: 'center' })
  }, [loaded, shown])
  return (
    <div ref={list}>
      {categories.map(({ name, dishes: menu }, index) => (
        <section key={name} aria-labelledby={categoryId(index)} className={classes.section}>
          <h2 id={categoryId(index)} tabIndex={-1} className={classes.title}>
            {name}
          </h2>
          <ul className={classes.dishes}>
            {menu.map((dish) => (
              <DishCard
                key={dish.name}
                dish={dish}
                quantity={dishes[dish.name]?.quantity ?? 0}
                open={restaurant.open}
                marked={dish.name === shown}
                onChange={(quantity) => setQuantity(restaurant, dish, quantity)}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

/** Section of the final size while the menu is loading. */
export function MenuPlaceholder() {
  return (
    <div className={classes.section} aria-busy>
      <Skeleton height="1.4rem" width="8rem" mb="0.9rem" />
      <ul className={classes.dishes}>
        {Array.from({ length: PLACEHOLDERS }, (_, index) => (
          <DishPlaceholder key={index} />
        ))}
      </ul>
    </div>
  )
}
