import { expect, test } from 'vitest'

import { addressProblem, obstacle } from './obstacle'

const line = {
  dish: { name: 'pizza', price: 500, available: true },
  quantity: 1,
  amount: 500,
  offMenu: false,
}
const pizza = { ...line, oldPrice: undefined }
const open = { name: 'Casa Cura', open: true, opensAt: undefined, paused: false }

test('an order of available dishes at accepted prices can be placed', () => {
  expect(obstacle([pizza], open)).toBeUndefined()
})

test('the reason names the dish or the restaurant', () => {
  expect(obstacle([], open)).toBe('Add a dish from the menu.')
  expect(obstacle([pizza], { ...open, open: false })).toBe(
    'Casa Cura is closed. You can order when it opens.',
  )
  const opensAt = new Date().toISOString()
  expect(obstacle([pizza], { ...open, open: false, opensAt })).toMatch(
    /^Casa Cura is closed\. Opens at .+\.$/,
  )
  expect(obstacle([pizza], { ...open, open: false, opensAt, paused: true })).toMatch(
    /^Casa Cura takes no new orders at the moment\. Paused until .+\.$/,
  )
  const soldOut = { ...pizza, dish: { ...pizza.dish, available: false } }
  expect(obstacle([soldOut], open)).toBe('Sold out: pizza. Remove it to continue.')
  expect(obstacle([{ ...soldOut, offMenu: true }], open)).toBe(
    'No longer on the menu: pizza. Remove it to continue.',
  )
  expect(obstacle([{ ...line, oldPrice: 400 }], open)).toBe('Accept the new price to continue.')
})

test('an address has at least one and at most 200 characters', () => {
  expect(addressProblem('   ')).toBe('Enter a delivery address.')
  expect(addressProblem('x'.repeat(201))).toBe('Shorten the address to 200 characters.')
  expect(addressProblem(' 5 Harbour View ')).toBeUndefined()
})
