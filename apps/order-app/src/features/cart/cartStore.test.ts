import { expect, test, vi } from 'vitest'

import { withQuantity, type Cart } from './cart'
import { CartStore } from './cartStore'

const restaurant = { id: 1, name: 'Trattoria Presto' }
const add = (name: string) => (cart: Cart | undefined) =>
  withQuantity(cart, restaurant, { name, price: 500 }, 1)

function storage(setItem?: () => void): Storage {
  const values = new Map<string, string>()
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: setItem ?? ((key: string, value: string) => void values.set(key, value)),
    removeItem: (key: string) => void values.delete(key),
  } as Storage
}

function storageEvent(key: string | null): Event {
  return Object.assign(new Event('storage'), { key })
}

test('a cart survives a reload', () => {
  const stored = storage()
  new CartStore(stored, 'cart', new EventTarget()).update(add('pizza'))
  const cart = new CartStore(stored, 'cart', new EventTarget()).get()
  expect(cart).toEqual({ restaurant, dishes: { pizza: { quantity: 1, price: 500 } } })
})

test('changes of two tabs are merged, also before the event of the other tab arrives', () => {
  const shared = storage()
  const tabs = [new EventTarget(), new EventTarget()]
  const [first, second] = tabs.map((tab) => new CartStore(shared, 'cart', tab))
  expect([first?.get(), second?.get()]).toEqual([undefined, undefined])
  first?.update(add('pizza'))
  second?.update(add('burger'))
  expect(Object.keys(first?.get()?.dishes ?? {})).toEqual(['pizza', 'burger'])
})

test('listeners are called for changes of this tab and of others', () => {
  const tab = new EventTarget()
  const store = new CartStore(storage(), 'cart', tab)
  const listener = vi.fn()
  const remove = store.subscribe(listener)
  store.update(add('pizza'))
  tab.dispatchEvent(storageEvent('cart'))
  tab.dispatchEvent(storageEvent(null))
  tab.dispatchEvent(storageEvent('address'))
  expect(listener).toHaveBeenCalledTimes(3)
  remove()
  tab.dispatchEvent(storageEvent('cart'))
  expect(listener).toHaveBeenCalledTimes(3)
})

test('the cart is the same object until it changes', () => {
  const store = new CartStore(storage(), 'cart', new EventTarget())
  store.update(add('pizza'))
  expect(store.get()).toBe(store.get())
})

test('a cart that cannot be stored is kept until the page is left', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  const full = storage(() => {
    throw new Error('QuotaExceededError')
  })
  const store = new CartStore(full, 'cart', new EventTarget())
  store.update(add('pizza'))
  store.update(add('burger'))
  expect(Object.keys(store.get()?.dishes ?? {})).toEqual(['pizza', 'burger'])
  expect(warn).toHaveBeenCalled()
  warn.mockRestore()
})
