import { expect, test } from 'vitest'

import { reasonText } from './reason'

test('a reason is a choice, a text, or both', () => {
  expect(reasonText(undefined, ' \n ')).toBe(undefined)
  expect(reasonText(undefined, ' The oven\n is broken. ')).toBe('The oven is broken.')
  expect(reasonText('Too busy', '')).toBe('Too busy')
  expect(reasonText('Out of stock', ' no mangoes ')).toBe('Out of stock: no mangoes')
})
