import { expect, test } from 'vitest'

import { describe as inWords, eventful, niceTop, series, type Bucket } from './series'

const quiet = {
  placed: 0,
  refused: 0,
  validated: 0,
  paid: 0,
  approved: 0,
  assigned: 0,
  picked_up: 0,
  delivered: 0,
}
const buckets: Bucket[] = [
  { bucket: '2026-06-02T12:00:00+00:00', ...quiet, placed: 3 },
  { bucket: '2026-06-02T12:00:10+00:00', ...quiet },
  { bucket: '2026-06-02T12:00:20+00:00', ...quiet, validated: 2, assigned: 7 },
]

test('rows become a column per state, with the highest count known', () => {
  const { times, counts, peak } = series(buckets)
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 10, 20])
  expect(counts.placed).toEqual([3, 0, 0])
  expect(counts.assigned).toEqual([0, 0, 7])
  expect(peak).toEqual({ count: 7, status: 'assigned', bucket: '2026-06-02T12:00:20+00:00' })
})

test('the table has the stretches in which something happened, newest first', () => {
  expect(eventful(buckets).map((row) => row.bucket.slice(11, 19))).toEqual(['12:00:20', '12:00:00'])
})

test('the chart can be read aloud', () => {
  expect(inWords(series(buckets), 'last ten minutes')).toMatch(
    /^Orders reaching each state over the last ten minutes. The most at once: 7 assigned at /,
  )
  expect(inWords(series([]), 'last hour')).toBe('Orders reaching each state over the last hour. None so far.')
})

test('the axis ends at a round number', () => {
  expect([0, 5, 6, 10, 11, 31, 334, 1000].map(niceTop)).toEqual([5, 5, 6, 10, 15, 40, 400, 1000])
})
