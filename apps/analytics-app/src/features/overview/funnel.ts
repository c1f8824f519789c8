import { STATUSES, type Status } from '@threefactor/shared'

/** Number of orders with a status, and number of orders that reached it. */
export interface Count {
  status: string
  count: number
  reached: number
}

/** One stage of the funnel. */
export interface Stage {
  status: Status
  /** Number of orders that reached the stage. */
  reached: number
  /** Share of the orders that reached the previous stage; undefined for the first stage, or if none reached it. */
  ofBefore: number | undefined
}

/** Statuses of an order that is not refused. */
const STAGES = STATUSES.filter((status) => status !== 'refused')

/** Returns the stages in life cycle order. A stage without a count has zero orders. */
export function funnel(counts: readonly Count[]): Stage[] {
  const reached = STAGES.map((status) => counts.find((row) => row.status === status)?.reached ?? 0)
  return STAGES.map((status, index) => {
    const here = reached[index] ?? 0
    const before = reached[index - 1] ?? 0
    return {
      status,
      reached: here,
      ofBefore: before > 0 ? here / before : undefined,
    }
  })
}
