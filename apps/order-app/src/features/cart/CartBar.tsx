import { money } from '@threefactor/shared'
import { Link } from 'wouter'

import { cart as texts } from '../../texts/cart'
import { common } from '../../texts/common'
import { cartCount, cartLines, cartTotal, type Cart } from './cart'
import { CART_ANCHOR } from './anchor'
import classes from './CartBar.module.css'
import { useRestaurants } from '../restaurant/RestaurantsProvider'
import { restaurantPath } from '../restaurant/paths'

/** Count and total of the cart at the bottom of the window. It leads to the cart, which is on the page of its restaurant. */
export function CartBar({
  cart,
  onOpen,
}: {
  cart: Cart
  /** Moves to the cart if it is on this page. */
  onOpen?: () => void
}) {
  const restaurant = useRestaurants().restaurants?.find(({ id }) => id === cart.restaurant.id)
  return (
    <Link
      href={`${restaurantPath(cart.restaurant.id)}#${CART_ANCHOR}`}
      className={classes.bar}
      onClick={(event) => {
        if (!onOpen) return
        // Not a navigation: Back leaves the page.
        event.preventDefault()
        onOpen()
      }}
    >
      <span className={classes.what}>
        <span>{texts.bar(common.items(cartCount(cart)))}</span>
        {!onOpen && <span className={classes.where}>{restaurant?.name ?? cart.restaurant.name}</span>}
      </span>
      <span>{money(cartTotal(cartLines(cart, restaurant?.menu_items)))}</span>
    </Link>
  )
}
