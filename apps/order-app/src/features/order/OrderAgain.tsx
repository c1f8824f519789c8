import { Button } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import { useLocation } from 'wouter'

import { CART_ANCHOR } from '../cart/anchor'
import { restoredCart } from '../cart/cart'
import { useCart } from '../cart/CartProvider'
import { restaurantPath } from '../restaurant/paths'
import type { Restaurant } from '../restaurant/RestaurantsProvider'

/** Puts the dishes of an order into the cart, at present prices, and opens the restaurant; asks first if the cart has dishes. */
export function OrderAgain({
  items,
  restaurant,
  label,
}: {
  items: readonly { item: string; quantity: number }[]
  /** Undefined if it no longer exists. */
  restaurant: Restaurant | undefined
  label: string
}) {
  const [, navigate] = useLocation()
  const { restore } = useCart()
  if (!restaurant) return null
  return (
    <Button
      variant="default"
      className="no-print"
      leftSection={<RotateCcw size={16} aria-hidden />}
      onClick={() =>
        restore(restoredCart(items, restaurant, restaurant.menu_items), () =>
          navigate(`${restaurantPath(restaurant.id)}#${CART_ANCHOR}`),
        )
      }
    >
      {label}
    </Button>
  )
}
