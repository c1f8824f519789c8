import { expect, test } from 'vitest'

import {
  cartCount,
  cartLines,
  cartOf,
  cartTotal,
  parseCart,
  withPrices,
  withQuantity,
  type Cart,
  type Dish,
} from './cart'

const burger = { name: 'burger', price: 650, available: true }
const pizza = { name: 'pizza', price: 500, available: true }
const risotto = { name: 'truffle risotto', price: 1900, available: false }
const menu: Dish[] = [burger, pizza, risotto]

test('the total is computed from quantities and menu prices', () => {
  let cart: Cart = {}
  cart = withQuantity(cart, pizza, 2)
  cart = withQuantity(cart, burger, 1)
  const lines = cartLines(cart, menu)
  expect(lines.map((line) => [line.dish.name, line.quantity, line.amount])).toEqual([
    ['burger', 1, 650],
    ['pizza', 2, 1000],
  ])
  expect(cartTotal(lines)).toBe(1650)
  expect(cartCount(lines)).toBe(3)
})

test('quantity 0 removes a dish, and 99 is the maximum', () => {
  const cart = withQuantity(withQuantity({}, pizza, 1), pizza, 0)
  expect(cart).toEqual({})
  expect(withQuantity({}, pizza, 102)).toEqual({ pizza: { quantity: 99, price: 500 } })
})

test('a dish that is no longer on the menu is not in the cart', () => {
  expect(cartLines({ 'blue soup': { quantity: 3, price: 100 } }, menu)).toEqual([])
})

test('a sold-out dish stays in the cart', () => {
  expect(cartTotal(cartLines(withQuantity({}, risotto, 1), menu))).toBe(1900)
})

test('a changed price is known until it is accepted, also after a change of the quantity', () => {
  const dearer = menu.map((dish) => ({ ...dish, price: dish.price * 2 }))
  let cart = withQuantity({}, pizza, 1)
  expect(cartLines(cart, menu)[0]?.oldPrice).toBeUndefined()
  cart = withQuantity(cart, { name: 'pizza', price: 1000 }, 2)
  expect(cartLines(cart, dearer)[0]).toMatchObject({ oldPrice: 500, amount: 2000 })
  cart = withPrices(cart, dearer)
  expect(cartLines(cart, dearer)[0]).toMatchObject({ oldPrice: undefined, amount: 2000 })
})

test('an earlier order becomes a cart of the dishes that still exist', () => {
  const items = [
    { item: 'pizza', quantity: 2 },
    { item: 'blue soup', quantity: 1 },
    { item: 'pizza', quantity: 1 },
  ]
  expect(cartOf(items, menu)).toEqual({ pizza: { quantity: 3, price: 500 } })
})

test('only a value in the form of a cart is read from the storage', () => {
  const cart = { pizza: { quantity: 2, price: 500 } }
  expect(parseCart(JSON.parse(JSON.stringify(cart)))).toEqual(cart)
  for (const value of [null, 7, [], { pizza: 2 }, { pizza: { quantity: 0, price: 1 } }, { pizza: null }]) {
    expect(parseCart(value), JSON.stringify(value)).toBeUndefined()
  }
})
