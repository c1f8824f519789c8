import { VisuallyHidden } from '@mantine/core'
import { ConfirmDialog, integerText, userKey } from '@threefactor/shared'
import { createContext, useContext, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'

import { cart as texts } from '../../texts/cart'
import { common } from '../../texts/common'
import {
  cartCount,
  withPrices,
  withQuantity,
  type Cart,
  type CartRestaurant,
  type Dish,
  type Restored,
} from './cart'
import { CartStore } from './cartStore'

interface CartState {
  /** Undefined if it has no dishes. */
  cart: Cart | undefined
  /** Dishes that could not be ordered again, because the restaurant no longer has them. */
  missing: readonly string[]
  /** Changes the quantity of a dish; asks first if the cart has dishes of another restaurant. */
  setQuantity: (restaurant: CartRestaurant, dish: Dish, quantity: number) => void
  /** Accepts the present prices. */
  acceptPrices: (menu: readonly Dish[]) => void
  /** Replaces the cart by the dishes of an earlier order; asks first if it has dishes. */
  restore: (restored: Restored, onRestored: () => void) => void
  clear: () => void
}

/** Question before the cart is replaced. */
interface Question {
  title: string
  text: string
  confirm: string
  onConfirm: () => void
}

const CartContext = createContext<CartState | undefined>(undefined)

/** Keeps the cart of a customer, also over a reload and in several tabs. */
export function CartProvider({ user, children }: { user: string; children: ReactNode }) {
  const store = useMemo(() => new CartStore(window.localStorage, userKey(user, 'cart'), window), [user])
  const cart = useSyncExternalStore(store.subscribe, store.get)
  const [missing, setMissing] = useState<readonly string[]>([])
  const [question, setQuestion] = useState<Question>()
  const [announcement, setAnnouncement] = useState('')
  const state = useMemo<CartState>(() => {
    const ask = (present: Cart | undefined, question: (items: string, name: string) => Question) => {
      if (!present) return false
      setQuestion(question(common.items(cartCount(present)), present.restaurant.name))
      return true
    }
    return {
      cart,
      missing,
      setQuantity: (restaurant, dish, quantity) => {
        const change = () => {
          store.update((cart) => withQuantity(cart, restaurant, dish, quantity))
          setMissing([])
          setAnnouncement(texts.inCart(integerText(quantity), dish.name))
        }
        const present = store.get()
        const other = present?.restaurant.id === restaurant.id ? undefined : present
        const asked = ask(other, (items, name) => ({
          title: texts.startNew,
          text: texts.startNewText(items, name, restaurant.name),
          confirm: texts.startNewConfirm,
          onConfirm: change,
        }))
        if (!asked) change()
      },
      acceptPrices: (menu) => store.update((cart) => withPrices(cart, menu)),
      restore: ({ cart, missing }, onRestored) => {
        const replace = () => {
          store.update(() => cart)
          setMissing(missing)
          onRestored()
        }
        const asked = ask(store.get(), (items, name) => ({
          title: texts.replace,
          text: texts.replaceText(items, name),
          confirm: texts.replaceConfirm,
          onConfirm: replace,
        }))
        if (!asked) replace()
      },
      clear: () => {
        store.update(() => undefined)
        setMissing([])
      },
    }
  }, [cart, missing, store])
  return (
    <CartContext value={state}>
      {children}
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      {question && (
        <ConfirmDialog
          title={question.title}
          confirm={question.confirm}
          dismiss={texts.keep}
          onConfirm={question.onConfirm}
          onClose={() => setQuestion(undefined)}
        >
          <p>{question.text}</p>
        </ConfirmDialog>
      )}
    </CartContext>
  )
}

/** Returns the cart and the functions that change it. */
export function useCart(): CartState {
  const state = useContext(CartContext)
  if (!state) throw new Error('useCart must be used within a CartProvider')
  return state
}
