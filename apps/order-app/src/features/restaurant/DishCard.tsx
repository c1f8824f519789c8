import { ActionIcon, Button, Skeleton } from '@mantine/core'
import { DishPicture, integerText, money } from '@threefactor/shared'
import { Minus, Plus } from 'lucide-react'
import { useLayoutEffect, useRef } from 'react'

import { common } from '../../texts/common'
import { restaurant as texts } from '../../texts/restaurant'
import { MAX_QUANTITY } from '../cart/cart'
import classes from './DishCard.module.css'

/** Dish of a menu. */
export interface MenuDish {
  name: string
  /** In cents. */
  price: number
  available: boolean
  description: string
  picture?: string | null
}

/** Dish with its price and quantity. */
export function DishCard({
  dish,
  quantity,
  open,
  marked,
  onChange,
}: {
  dish: MenuDish
  quantity: number
  /** Whether the restaurant is open. */
  open: boolean
  /** Whether a link led to this dish. */
  marked: boolean
  onChange: (quantity: number) => void
}) {
  const chosen = quantity > 0
  const orderable = open && dish.available
  const control = useRef<HTMLButtonElement>(null)
  const changed = useRef(false)
  // The button that was used is replaced by another control, which receives its focus.
  useLayoutEffect(() => {
    if (changed.current && document.activeElement === document.body) control.current?.focus()
    changed.current = false
  }, [chosen])
  const change = (next: number) => {
    changed.current = next > 0 !== chosen
    onChange(next)
  }
  return (
    <li
      className={classes.card}
      data-dish={dish.name}
      data-chosen={chosen || undefined}
      data-marked={marked || undefined}
      data-sold-out={!dish.available || undefined}
    >
      <div className={classes.body}>
        <h3 className={classes.name}>{dish.name}</h3>
        {dish.description && <p className={classes.description}>{dish.description}</p>}
      </div>
      <div className={classes.picture} aria-hidden>
        <DishPicture picture={dish.picture ?? null} />
      </div>
      <div className={classes.price}>
        {money(dish.price)}
        {!dish.available && <span className={classes.soldOut}>{common.soldOut}</span>}
      </div>
      {chosen ? (
        <div className={classes.quantity} role="group" aria-label={texts.quantityOf(dish.name)}>
          <ActionIcon variant="light" onClick={() => change(quantity - 1)} aria-label={texts.removeOne}>
            <Minus size={16} aria-hidden />
          </ActionIcon>
          <output className={classes.count}>{integerText(quantity)}</output>
          <ActionIcon
            ref={control}
            variant="light"
            disabled={!orderable || quantity >= MAX_QUANTITY}
            onClick={() => change(quantity + 1)}
            aria-label={texts.addOne}
          >
            <Plus size={16} aria-hidden />
          </ActionIcon>
        </div>
      ) : (
        <Button
          ref={control}
          variant="light"
          className={classes.add ?? ''}
          disabled={!orderable}
          onClick={() => change(1)}
          aria-label={texts.add(dish.name)}
        >
          {texts.addShort}
        </Button>
      )}
    </li>
  )
}

/** Card of the final size while the menu is loading, so that nothing moves when it arrives. */
export function DishPlaceholder() {
  return (
    <li className={classes.card} aria-hidden>
      <div className={classes.body}>
        <Skeleton height="1rem" width="7rem" mt="0.3rem" />
        <Skeleton height="0.9rem" width="80%" mt="0.6rem" />
      </div>
      <Skeleton className={classes.picture ?? ''} />
      <Skeleton height="1rem" width="3.5rem" />
      <Skeleton height="2.75rem" width="5rem" />
    </li>
  )
}
