import { Button } from '@mantine/core'
import { Notice, integerText, money } from '@threefactor/shared'

import { cart as texts } from '../../texts/cart'
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
        {lines.map(({ dish, quantity, amount, offMenu }) => (
          <li key={dish.name} className={classes.line}>
            <span className={classes.times}>{texts.times(integerText(quantity))}</span>
            <span className={classes.dish}>
              <span className={classes.name}>{dish.name}</span>
              {!dish.available && (
                <span className={classes.warning}>{offMenu ? texts.offMenu : texts.soldOut}</span>
              )}
            </span>
            <span className={classes.amount}>{money(amount)}</span>
            {!dish.available && (
              <Button
                variant="default"
                className={classes.remove ?? ''}
                aria-label={texts.removeDish(dish.name)}
                onClick={() => onRemove(dish)}
              >
                {texts.remove}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {changed.length > 0 && (
        <Notice tone="waiting" title={texts.priceChanged(changed.length)}>
          <ul className={classes.changes}>
            {changed.map(({ dish, oldPrice }) => (
              <li key={dish.name}>{texts.priceChange(dish.name, money(oldPrice), money(dish.price))}</li>
            ))}
          </ul>
          <Button variant="default" onClick={onAccept}>
            {texts.acceptPrices(changed.length)}
          </Button>
        </Notice>
      )}
    </>
  )
}
