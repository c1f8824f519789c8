import { STATUSES, clockTime, integerText, type Status } from '@threefactor/shared'

import { common } from '../../texts/common'
import { timeline as texts } from '../../texts/timeline'

/** Number of orders that reached each status in one interval. */
export type Bucket = { bucket: string } & Record<Status, number>

/** Intervals as one column per status. */
export interface Series {
  /** Start of each interval, in seconds since 1970. */
  times: number[]
  counts: Record<Status, number[]>
  /** Highest count. */
  peak: { count: number; status: Status; bucket: string } | undefined
}

/** Converts rows into columns. */
export function series(buckets: readonly Bucket[]): Series {
  const counts = Object.fromEntries(
    STATUSES.map((status) => [status, buckets.map((row) => row[status])]),
  ) as Record<Status, number[]>
  let peak: Series['peak']
  for (const row of buckets) {
    for (const status of STATUSES) {
      if (row[status] > (peak?.count ?? 0)) peak = { count: row[status], status, bucket: row.bucket }
    }
  }
  return { times: buckets.map((row) => Date.parse(row.bucket) / 1000), counts, peak }
}

/** Returns the sum of the counts. */
export function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Returns the length of a bar, from seconds: `10 seconds`, `15 minutes`. */
export function barText(seconds: number): string {
  if (seconds >= 3600) return texts.hours(seconds / 3600)
  return seconds >= 60 ? texts.minutes(seconds / 60) : texts.seconds(seconds)
}

/** Returns the intervals with at least one order, newest first. */
export function nonEmpty(buckets: readonly Bucket[]): Bucket[] {
  return buckets.filter((row) => STATUSES.some((status) => row[status] > 0)).reverse()
}

/** Returns a text alternative of the chart. */
export function describe({ peak }: Series, span: string): string {
  if (!peak) return texts.withoutOrders(span)
  return texts.withPeak(span, integerText(peak.count), common.stages[peak.status], clockTime(peak.bucket))
}

/** Returns the end of an axis for a peak: a round number, so that it rarely changes while counts grow. */
export function roundedMaximum(peak: number): number {
  if (peak <= 5) return 5
  const power = 10 ** Math.floor(Math.log10(peak))
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((top) => top >= peak) ?? peak
}
