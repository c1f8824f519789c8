import { expect, test } from 'vitest'

import { remainingText } from './remainingText'

test('a remaining time is rounded up to seconds', () => {
  expect(remainingText(14 * 60_000 + 59_001)).toBe('15 min 0 s left')
  expect(remainingText(5_400)).toBe('6 s left')
  expect(remainingText(1)).toBe('1 s left')
  expect(remainingText(0)).toBe('Time is up')
})
