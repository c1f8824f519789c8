import { Button } from '@mantine/core'
import { useLive } from '@threefactor/shared'
import { RotateCcw } from 'lucide-react'
import { useLocation } from 'wouter'

import { MenuDocument } from '../../gql/graphql'
import { cartOf } from '../menu/cart'
import { useCart } from '../menu/CartProvider'

/** Puts the dishes of an order into the cart, at present prices, and opens the menu. */
export function OrderAgain({
  items,
  label,
}: {
  items: readonly { item: string; quantity: number }[]
  label: string
}) {
  const [, navigate] = useLocation()
  const { replace } = useCart()
  const menu = useLive(MenuDocument, {}).data?.menu_items
  const restore = () => {
    replace(cartOf(items, menu ?? []))
    navigate('/')
  }
  return (
    <Button
      variant="default"
      className="no-print"
      disabled={menu === undefined}
      leftSection={<RotateCcw size={16} aria-hidden />}
      onClick={restore}
    >
      {label}
    </Button>
  )
}
