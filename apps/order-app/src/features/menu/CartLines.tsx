import { Button } from '@mantine/core'
import { Notice, money } from '@threefactor/shared'

import type { Dish, Line } from './cart'
import classes from './CartLines.module.css'

/** Lines of the cart, with what the customer has to settle before the order can be placed. */
export function CartLines({
  lines,
  onRemove,
  onAccept,
}: {
  lines: readonly Line[]
  onRemove: (dish: Dish) => void
  /** Accepts all changed prices. */
  onAccept: () => void
}) {
  const changed = lines.flatMap(({ dish, oldPrice }) => (oldPrice === undefined ? [] : [{ dish, oldPrice }]))
  return (
    <>
      <ul className={classes.lines}>
        {lines.map(({ dish, quantity, amount }) => (
          <li key={dish.name} className={classes.line}>
            <span className={classes.times}>{quantity}&nbsp;×</span>
            <span className={classes.dish}>
              <span className={classes.name}>{dish.name}</span>
              {!dish.available && <span className={classes.warning}>Sold out. Remove it to continue.</span>}
            </span>
            <span className={classes.amount}>{money(amount)}</span>
            {!dish.available && (
              <Button
                variant="default"
                className={classes.remove ?? ''}
                aria-label={`Remove ${dish.name}`}
                onClick={() => onRemove(dish)}
              >
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {changed.length > 0 && (
        <Notice tone="waiting" title={changed.length === 1 ? 'A price has changed' : 'Prices have changed'}>
          <ul className={classes.changes}>
            {changed.map(({ dish, oldPrice }) => (
              <li key={dish.name}>
                The price of {dish.name} changed from {money(oldPrice)} to {money(dish.price)}.
              </li>
            ))}
          </ul>
          <Button variant="default" onClick={onAccept}>
            {changed.length === 1 ? 'Accept the new price' : 'Accept the new prices'}
          </Button>
        </Notice>
      )}
    </>
  )
}
