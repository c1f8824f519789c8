import { expect, test } from 'vitest'

import {
  cartCount,
  cartLines,
  cartTotal,
  parseCart,
  restoredCart,
  withPrices,
  withQuantity,
  type Cart,
  type Dish,
} from './cart'

const presto = { id: 1, name: 'Trattoria Presto' }
const casa = { id: 2, name: 'Casa Cura' }
const burger = { name: 'burger', price: 650, available: true }
const pizza = { name: 'pizza', price: 500, available: true }
const risotto = { name: 'truffle risotto', price: 1900, available: false }
const menu: Dish[] = [burger, pizza, risotto]
const add = (cart: Cart | undefined, dish: Dish, quantity: number) =>
  withQuantity(cart, presto, dish, quantity)

test('the total is computed from quantities and menu prices', () => {
  const cart = add(add(undefined, pizza, 2), burger, 1)
  const lines = cartLines(cart, menu)
  expect(lines.map((line) => [line.dish.name, line.quantity, line.amount])).toEqual([
    ['burger', 1, 650],
    ['pizza', 2, 1000],
  ])
  expect(cartTotal(lines)).toBe(1650)
  expect(cartCount(cart)).toBe(3)
})

test('quantity 0 removes a dish, the last one the cart, and 99 is the maximum', () => {
  expect(add(add(undefined, pizza, 1), pizza, 0)).toBeUndefined()
  expect(add(undefined, pizza, 102)?.dishes).toEqual({ pizza: { quantity: 99, price: 500 } })
})

test('a dish of another restaurant starts a new cart', () => {
  const cart = withQuantity(add(undefined, burger, 2), casa, pizza, 1)
  expect(cart).toEqual({ restaurant: casa, dishes: { pizza: { quantity: 1, price: 500 } } })
})

test('a dish that is no longer on the menu stays in the cart until it is removed', () => {
  const soup = { name: 'blue soup', price: 100, available: true }
  const cart = add(add(undefined, soup, 3), pizza, 1)
  expect(cartLines(cart, menu).map(({ dish, offMenu }) => [dish.name, dish.available, offMenu])).toEqual([
    ['pizza', true, false],
    ['blue soup', false, true],
  ])
})

test('while the menu is loading the lines are as the customer left them', () => {
  const lines = cartLines(add(undefined, pizza, 2), undefined)
  expect(lines).toMatchObject([{ dish: { available: true }, amount: 1000, offMenu: false }])
})

test('a sold-out dish stays in the cart', () => {
  expect(cartTotal(cartLines(add(undefined, risotto, 1), menu))).toBe(1900)
})

test('a changed price is known until it is accepted, also after a change of the quantity', () => {
  const dearer = menu.map((dish) => ({ ...dish, price: dish.price * 2 }))
  let cart = add(undefined, pizza, 1)
  expect(cartLines(cart, menu)[0]?.oldPrice).toBeUndefined()
  cart = add(cart, { ...pizza, price: 1000 }, 2)
  expect(cartLines(cart, dearer)[0]).toMatchObject({ oldPrice: 500, amount: 2000 })
  cart = withPrices(cart, dearer)
  expect(cartLines(cart, dearer)[0]).toMatchObject({ oldPrice: undefined, amount: 2000 })
})

test('an earlier order becomes a cart of the dishes that still exist, and names the others', () => {
  const items = [
    { item: 'pizza', quantity: 2 },
    { item: 'blue soup', quantity: 1 },
    { item: 'pizza', quantity: 1 },
  ]
  expect(restoredCart(items, presto, menu)).toEqual({
    cart: { restaurant: presto, dishes: { pizza: { quantity: 3, price: 500 } } },
    missing: ['blue soup'],
  })
  expect(restoredCart(items, presto, [])).toEqual({ cart: undefined, missing: ['pizza', 'blue soup'] })
})

test('only a value in the form of a cart is read from the storage', () => {
  const cart = { restaurant: presto, dishes: { pizza: { quantity: 2, price: 500 } } }
  expect(parseCart(JSON.parse(JSON.stringify(cart)))).toEqual(cart)
  for (const value of [
    null,
    7,
    [],
    // The form before menus of restaurants.
    { pizza: { quantity: 2, price: 500 } },
    { ...cart, dishes: {} },
    { ...cart, dishes: { pizza: 2 } },
    { ...cart, dishes: { pizza: { quantity: 0, price: 1 } } },
    { ...cart, dishes: { pizza: null } },
    { ...cart, restaurant: { id: '1', name: 'Casa Cura' } },
    { ...cart, restaurant: null },
  ]) {
    expect(parseCart(value), JSON.stringify(value)).toBeUndefined()
  }
})
