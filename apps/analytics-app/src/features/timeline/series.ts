import { STATUSES, clockTime, type Status } from '@threefactor/shared'

import { REACHED } from '../../common/stages'

/** How many orders reached each state in one stretch of time. */
export type Bucket = { bucket: string } & Record<Status, number>

/** The same, as the chart wants it: a column per state. */
export interface Series {
  /** When each stretch begins, in seconds since 1970. */
  times: number[]
  counts: Record<Status, number[]>
  /** The highest of all counts. */
  peak: { count: number; status: Status; bucket: string } | undefined
}

/** Turns rows into columns. */
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

/** Rows in which something happened, newest first: what a table shows. */
export function eventful(buckets: readonly Bucket[]): Bucket[] {
  return buckets.filter((row) => STATUSES.some((status) => row[status] > 0)).reverse()
}

/** What the chart shows, in a sentence, for those who do not see it. */
export function describe({ peak }: Series, span: string): string {
  const what = `Orders reaching each state over the ${span}.`
  if (!peak) return `${what} None so far.`
  return `${what} The most at once: ${peak.count} ${REACHED[peak.status].toLowerCase()} at ${clockTime(peak.bucket)}.`
}

/** The top of an axis that has to hold this: a round number, so that it changes seldom while counts grow. */
export function niceTop(peak: number): number {
  if (peak <= 5) return 5
  const power = 10 ** Math.floor(Math.log10(peak))
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((top) => top >= peak) ?? peak
}
