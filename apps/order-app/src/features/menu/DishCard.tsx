import { ActionIcon, Button } from '@mantine/core'
import { money } from '@threefactor/shared'
import { Minus, Plus } from 'lucide-react'
import type { CSSProperties } from 'react'

import type { Dish } from './cart'
import classes from './DishCard.module.css'
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
  const { Icon, hue } = dishAppearance(dish.name)
  return (
    <li
      className={classes.card}
      style={{ '--hue': hue } as CSSProperties}
      data-chosen={quantity > 0 || undefined}
      data-sold-out={!dish.available || undefined}
    >
      <div className={classes.picture} aria-hidden>
        <Icon size={44} strokeWidth={1.4} />
      </div>
      <div className={classes.body}>
        <h2 className={classes.name}>{dish.name}</h2>
        <div className={classes.price}>
          {money(dish.price)}
          {!dish.available && <span className={classes.soldOut}>Sold out</span>}
        </div>
      </div>
      {quantity === 0 ? (
        <Button
          variant="light"
          disabled={!dish.available}
          onClick={() => onChange(1)}
          aria-label={`Add ${dish.name}`}
        >
          Add
        </Button>
      ) : (
        <div className={classes.quantity} role="group" aria-label={`Quantity of ${dish.name}`}>
          <ActionIcon
            variant="light"
            size="lg"
            onClick={() => onChange(quantity - 1)}
            aria-label="Remove one"
          >
            <Minus size={16} aria-hidden />
          </ActionIcon>
          <output className={classes.count}>{quantity}</output>
          <ActionIcon
            variant="light"
            size="lg"
            disabled={!dish.available}
            onClick={() => onChange(quantity + 1)}
            aria-label="Add one"
          >
            <Plus size={16} aria-hidden />
          </ActionIcon>
        </div>
      )}
    </li>
  )
}
