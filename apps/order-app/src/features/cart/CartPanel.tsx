import { Panel, StatePicture } from '@threefactor/shared'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'

import { cart as texts } from '../../texts/cart'
import { common } from '../../texts/common'
import { closedText } from '../restaurant/opening'
import { restaurantPath } from '../restaurant/paths'
import type { Restaurant } from '../restaurant/RestaurantsProvider'
import { CART_ANCHOR } from './anchor'
import { cartCount, cartLines } from './cart'
import { CartBar } from './CartBar'
import { CartForm } from './CartForm'
import classes from './CartPanel.module.css'
import { useCart } from './CartProvider'
import { useFullyVisible } from './useFullyVisible'

/** Cart on the page of a restaurant: its order, or a link to the one at another restaurant. */
export function CartPanel({ user, restaurant }: { user: string; restaurant: Restaurant }) {
  const { cart, missing } = useCart()
  const side = useRef<HTMLDivElement>(null)
  const submitButton = useRef<HTMLButtonElement>(null)
  const isHere = cart?.restaurant.id === restaurant.id
  const visible = useFullyVisible(submitButton, isHere)
  useEffect(() => {
    if (window.location.hash !== `#${CART_ANCHOR}`) return
    side.current?.scrollIntoView({ block: 'start' })
    side.current?.focus({ preventScroll: true })
  }, [])
  // The control that removed the last dish is gone with it.
  const wasHere = useRef(isHere)
  useEffect(() => {
    if (wasHere.current && !isHere && document.activeElement === document.body) {
      side.current?.focus({ preventScroll: true })
    }
    wasHere.current = isHere
  }, [isHere])
  return (
    <div className={classes.side} id={CART_ANCHOR} ref={side} tabIndex={-1}>
      <Panel
        title={texts.title}
        aside={isHere && <span className={classes.count}>{common.items(cartCount(cart))}</span>}
      >
        {missing.length > 0 && <p className={classes.missing}>{texts.notRestored(missing.join(', '))}</p>}
        {isHere && (
          <CartForm
            user={user}
            restaurant={restaurant}
            lines={cartLines(cart, restaurant.menu_items)}
            submitButton={submitButton}
          />
        )}
        {cart && !isHere && (
          <div className={classes.other}>
            <p>{texts.otherRestaurant(common.items(cartCount(cart)), cart.restaurant.name)}</p>
            <Link href={`${restaurantPath(cart.restaurant.id)}#${CART_ANCHOR}`} className={classes.open}>
              {texts.openOther(cart.restaurant.name)}
            </Link>
          </div>
        )}
        {!cart && (
          <div className={classes.empty}>
            <div className={classes.picture}>
              <StatePicture name={restaurant.open ? 'empty-cart' : 'closed'} />
            </div>
            <p className={classes.emptyTitle}>{texts.empty}</p>
            <p>{emptyHint(restaurant)}</p>
          </div>
        )}
      </Panel>
      {cart && isHere && !visible && (
        <CartBar
          cart={cart}
          onOpen={() => {
            submitButton.current?.scrollIntoView({ block: 'center' })
            submitButton.current?.focus({ preventScroll: true })
          }}
        />
      )}
    </div>
  )
}

function emptyHint(restaurant: Restaurant): string {
  const closed = closedText(restaurant)
  if (closed === undefined) return texts.emptyHint
  return restaurant.opensAt === undefined ? texts.closedHint : texts.opensHint(closed)
}
