import { expect, test } from 'vitest'

import { cartCount, cartLines, cartTotal, withQuantity, type Cart, type Dish } from './cart'

const menu: Dish[] = [
  { name: 'burger', price: 650, available: true },
  { name: 'pizza', price: 500, available: true },
  { name: 'truffle risotto', price: 1900, available: false },
]

test('the total is computed from quantities and menu prices', () => {
  let cart: Cart = {}
  cart = withQuantity(cart, 'pizza', 2)
  cart = withQuantity(cart, 'burger', 1)
  const lines = cartLines(cart, menu)
  expect(lines.map((line) => [line.dish.name, line.quantity, line.amount])).toEqual([
    ['burger', 1, 650],
    ['pizza', 2, 1000],
  ])
  expect(cartTotal(lines)).toBe(1650)
  expect(cartCount(lines)).toBe(3)
  const doubled = menu.map((dish) => ({ ...dish, price: dish.price * 2 }))
  expect(cartTotal(cartLines(cart, doubled))).toBe(3300)
})

test('quantity 0 removes a dish', () => {
  const cart = withQuantity(withQuantity({}, 'pizza', 1), 'pizza', 0)
  expect(cart).toEqual({})
  expect(cartTotal(cartLines(cart, menu))).toBe(0)
})

test('a dish that is no longer on the menu is not in the cart', () => {
  expect(cartLines({ 'blue soup': 3 }, menu)).toEqual([])
})

test('a sold-out dish stays in the cart', () => {
  expect(cartTotal(cartLines({ 'truffle risotto': 1 }, menu))).toBe(1900)
})
