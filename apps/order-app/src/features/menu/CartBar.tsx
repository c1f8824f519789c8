import { counted, money } from '@threefactor/shared'
import type { RefObject } from 'react'

import { cartCount, cartTotal, type Line } from './cart'
import classes from './CartBar.module.css'
import { useFullyVisible } from './useFullyVisible'

/** Count and total of the cart at the bottom of the window, while the button that places the order is not fully visible. */
export function CartBar({
  lines,
  button,
}: {
  lines: readonly Line[]
  button: RefObject<HTMLElement | null>
}) {
  const visible = useFullyVisible(button)
  if (visible) return null
  return (
    <a
      href="#cart"
      className={classes.bar}
      onClick={(event) => {
        // Not a navigation: Back leaves the menu.
        event.preventDefault()
        button.current?.scrollIntoView({ block: 'center' })
        button.current?.focus({ preventScroll: true })
      }}
    >
      <span>Your order · {counted(cartCount(lines), 'item')}</span>
      <span>{money(cartTotal(lines))}</span>
    </a>
  )
}
