import { expect, test } from 'vitest'

import { readyAt } from './ready'

test('an order is ready after the minutes of its approval, or those that are usual', () => {
  const approvals = [{ at: '2026-11-30T18:30:00+00:00' }]
  expect(readyAt({ approvals, preparation_minutes: 45 }, 20)).toBe('2026-11-30T19:15:00.000Z')
  expect(readyAt({ approvals, preparation_minutes: 0 }, 20)).toBe('2026-11-30T18:30:00.000Z')
  expect(readyAt({ approvals, preparation_minutes: null }, 20)).toBe('2026-11-30T18:50:00.000Z')
  expect(readyAt({ approvals: [], preparation_minutes: null }, 20)).toBeUndefined()
  expect(readyAt({}, 20)).toBeUndefined()
})
