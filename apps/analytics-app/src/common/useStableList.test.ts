import { expect, test } from 'vitest'

import { hasMoved } from './useStableList'

test('rows move if one before them is removed or inserted, and not if the last ones change', () => {
  expect(hasMoved(['a', 'b', 'c'], ['b', 'c'])).toBe(true)
  expect(hasMoved(['a', 'b'], ['x', 'a', 'b'])).toBe(true)
  expect(hasMoved(['a', 'b'], ['a', 'b', 'c'])).toBe(false)
  expect(hasMoved(['a', 'b', 'c'], ['a', 'b'])).toBe(false)
  expect(hasMoved([], ['a'])).toBe(false)
})
