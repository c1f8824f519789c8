import { readStored, userKey, writeStored } from '@threefactor/shared'
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'

import { parseCart, withPrices, withQuantity, type Cart, type Dish } from './cart'

interface CartState {
  cart: Cart
  setQuantity: (dish: Dish, quantity: number) => void
  /** Accepts the present prices. */
  acceptPrices: (menu: readonly Dish[]) => void
  replace: (cart: Cart) => void
}

const CartContext = createContext<CartState | undefined>(undefined)

/** Keeps the cart of a customer, also over a reload. */
export function CartProvider({ user, children }: { user: string; children: ReactNode }) {
  const key = userKey(user, 'cart')
  const [cart, setCart] = useState<Cart>(() => readStored(window.localStorage, key, parseCart) ?? {})
  useEffect(() => writeStored(window.localStorage, key, cart), [key, cart])
  useEffect(() => {
    // Of another tab; a removed value belongs to a user that signs out there.
    const follow = (event: StorageEvent) => {
      if (event.key === key) setCart(readStored(window.localStorage, key, parseCart) ?? {})
    }
    window.addEventListener('storage', follow)
    return () => window.removeEventListener('storage', follow)
  }, [key])
  const state = useMemo(
    () => ({
      cart,
      setQuantity: (dish: Dish, quantity: number) => setCart((cart) => withQuantity(cart, dish, quantity)),
      acceptPrices: (menu: readonly Dish[]) => setCart((cart) => withPrices(cart, menu)),
      replace: setCart,
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
