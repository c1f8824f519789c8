import { createContext, useContext, useMemo, useState, type ReactNode } from 'react'

import { withQuantity, type Cart } from './cart'

interface CartState {
  cart: Cart
  setQuantity: (dish: string, quantity: number) => void
  clear: () => void
}

const CartContext = createContext<CartState | undefined>(undefined)

/** Keeps the cart while the customer moves between pages. */
export function CartProvider({ children }: { children: ReactNode }) {
  const [cart, setCart] = useState<Cart>({})
  const state = useMemo(
    () => ({
      cart,
      setQuantity: (dish: string, quantity: number) => setCart((cart) => withQuantity(cart, dish, quantity)),
      clear: () => setCart({}),
    }),
    [cart],
  )
  return <CartContext value={state}>{children}</CartContext>
}

/** Returns the cart and the functions that change it. */
export function useCart(): CartState {
  const state = useContext(CartContext)
  if (!state) throw new Error('useCart must be used within a CartProvider')
  return state
}
