import { ActionIcon, Button, Skeleton } from '@mantine/core'
import { money } from '@threefactor/shared'
import { Minus, Plus } from 'lucide-react'
import { useLayoutEffect, useRef, type CSSProperties } from 'react'

import { MAX_QUANTITY, type Dish } from './cart'
import classes from './DishCard.module.css'
import { DishPicture } from './DishPicture'
import { dishAppearance } from './dishAppearance'

/** Dish with its price and quantity. */
export function DishCard({
  dish,
  quantity,
  onChange,
}: {
  dish: Dish
  quantity: number
  onChange: (quantity: number) => void
}) {
  const { picture, hue } = dishAppearance(dish.name)
  const chosen = quantity > 0
  const control = useRef<HTMLButtonElement>(null)
  const changed = useRef(false)
  // The button that was used is replaced by another control, which receives its focus.
  useLayoutEffect(() => {
    if (changed.current) control.current?.focus()
    changed.current = false
  }, [chosen])
  const change = (next: number) => {
    changed.current = next > 0 !== chosen
    onChange(next)
  }
  return (
    <li
      className={classes.card}
      style={{ '--hue': hue } as CSSProperties}
      data-chosen={chosen || undefined}
      data-sold-out={!dish.available || undefined}
    >
      <div className={classes.picture} aria-hidden>
        <DishPicture picture={picture} />
      </div>
      <div className={classes.body}>
        <h2 className={classes.name}>{dish.name}</h2>
        <div className={classes.price}>
          {money(dish.price)}
          {!dish.available && <span className={classes.soldOut}>Sold out</span>}
        </div>
      </div>
      {chosen ? (
        <div className={classes.quantity} role="group" aria-label={`Quantity of ${dish.name}`}>
          <ActionIcon variant="light" onClick={() => change(quantity - 1)} aria-label="Remove one">
            <Minus size={16} aria-hidden />
          </ActionIcon>
          <output className={classes.count}>{quantity}</output>
          <ActionIcon
            ref={control}
            variant="light"
            disabled={!dish.available || quantity >= MAX_QUANTITY}
            onClick={() => change(quantity + 1)}
            aria-label="Add one"
          >
            <Plus size={16} aria-hidden />
          </ActionIcon>
        </div>
      ) : (
        <Button
          ref={control}
          variant="light"
          disabled={!dish.available}
          onClick={() => change(1)}
          aria-label={`Add ${dish.name}`}
        >
          Add
        </Button>
      )}
    </li>
  )
}

/** Card of the final size while the menu is loading, so that nothing moves when it arrives. */
export function DishPlaceholder() {
  return (
    <li className={classes.card} aria-hidden>
      <Skeleton className={classes.picture ?? ''} radius={0} />
      <div className={classes.body}>
        <Skeleton height="1rem" width="7rem" mt="0.3rem" />
        <Skeleton height="0.9rem" width="3.5rem" mt="0.6rem" />
      </div>
      <Skeleton height="2.75rem" width="4rem" />
    </li>
  )
}
