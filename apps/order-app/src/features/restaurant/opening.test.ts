import { expect, test } from 'vitest'

import { closedText } from './opening'

test('a closed restaurant says when it opens, if its hours tell', () => {
  expect(closedText({ open: true, opensAt: undefined })).toBeUndefined()
  expect(closedText({ open: false, opensAt: undefined })).toBe('Closed')
  const now = new Date()
  expect(closedText({ open: false, opensAt: now.toISOString() })).toMatch(/^Opens at \d/)
  const later = new Date(now)
  later.setDate(now.getDate() + 3)
  expect(closedText({ open: false, opensAt: later.toISOString() })).toMatch(/^Opens \p{L}+day /u)
})
