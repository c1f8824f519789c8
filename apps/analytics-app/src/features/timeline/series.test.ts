import { expect, test } from 'vitest'

import { describe as describeSeries, nonEmpty, roundedMaximum, series, type Bucket } from './series'

const empty = {
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
  { bucket: '2026-06-02T12:00:00+00:00', ...empty, placed: 3 },
  { bucket: '2026-06-02T12:00:10+00:00', ...empty },
  { bucket: '2026-06-02T12:00:20+00:00', ...empty, validated: 2, assigned: 7 },
]

test('rows are converted into one column per status, with the highest count', () => {
  const { times, counts, peak } = series(buckets)
  expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 10, 20])
  expect(counts.placed).toEqual([3, 0, 0])
  expect(counts.assigned).toEqual([0, 0, 7])
  expect(peak).toEqual({ count: 7, status: 'assigned', bucket: '2026-06-02T12:00:20+00:00' })
})

test('the table contains the non-empty intervals, newest first', () => {
  expect(nonEmpty(buckets).map((row) => row.bucket.slice(11, 19))).toEqual(['12:00:20', '12:00:00'])
})

test('the chart has a text alternative', () => {
  expect(describeSeries(series(buckets), 'last ten minutes')).toMatch(
    /^Orders by stage over the last ten minutes. Highest count: 7 assigned at /,
  )
  expect(describeSeries(series([]), 'last hour')).toBe('Orders by stage over the last hour. No orders.')
})

test('the axis ends at a round number', () => {
  expect([0, 5, 6, 10, 11, 31, 334, 1000].map(roundedMaximum)).toEqual([5, 5, 6, 10, 15, 40, 400, 1000])
})
