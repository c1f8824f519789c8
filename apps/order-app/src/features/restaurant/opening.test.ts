import { expect, test } from 'vitest'

import { closedText } from './opening'

test('a closed restaurant says when it takes orders again, if that is known', () => {
  const closed = { open: false, paused: false }
  expect(closedText({ open: true, opensAt: undefined, paused: false })).toBeUndefined()
  expect(closedText({ ...closed, opensAt: undefined })).toBe('Closed')
  const now = new Date()
  expect(closedText({ ...closed, opensAt: now.toISOString() })).toMatch(/^Opens at \d/)
  expect(closedText({ open: false, opensAt: now.toISOString(), paused: true })).toMatch(/^Paused until \d/)
  const later = new Date(now)
  later.setDate(now.getDate() + 3)
  expect(closedText({ ...closed, opensAt: later.toISOString() })).toMatch(/^Opens \p{L}+day /u)
})
