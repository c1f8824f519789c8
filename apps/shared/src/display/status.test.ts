import { expect, test } from 'vitest'

import { ALL_STATUSES, CLOSED_STATUSES, STATUSES, isClosed, isStatus, statusStyle } from './status'

test('every status has a label of its own', () => {
  const labels = ALL_STATUSES.map((status) => statusStyle(status).label)
  expect(new Set(labels).size).toBe(STATUSES.length + CLOSED_STATUSES.length)
  expect(statusStyle('failed').label).toBe('Not delivered')
  expect(statusStyle('something-new')).toEqual({ label: 'something-new', color: 'gray' })
})

test('closed orders are those that ended before the delivery', () => {
  expect(ALL_STATUSES.filter(isClosed)).toEqual([...CLOSED_STATUSES])
  expect([isClosed(null), isClosed('refused'), isStatus('something-new')]).toEqual([false, false, false])
})
