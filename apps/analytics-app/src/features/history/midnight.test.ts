import { expect, test } from 'vitest'

import { midnightBefore } from './midnight'

test('a day begins at midnight in local time', () => {
  const midnight = new Date(2026, 10, 30)
  for (const time of [new Date(2026, 10, 30), new Date(2026, 10, 30, 23, 59, 59)]) {
    expect(midnightBefore(time.getTime())).toBe(midnight.toISOString())
  }
})
