import { STATUSES, type Status } from '@threefactor/shared'

/** How many orders stand at a state, and how many got at least that far. */
export interface Count {
  status: string
  count: number
  reached: number
}

/** One stage of the funnel. */
export interface Stage {
  status: Status
  /** How many orders got at least this far. */
  reached: number
  /** Of all orders, 0 to 1. */
  ofAll: number
  /** Of those that got to the stage before, 0 to 1; undefined for the first stage, and when none got there. */
  ofBefore: number | undefined
}

/** The states that an order goes through when nothing goes wrong; refused is a way out, not a stage. */
const STAGES = STATUSES.filter((status) => status !== 'refused')

/** The stages in their order, from the database's counts. One that the database does not know of counts zero. */
export function funnel(counts: readonly Count[]): Stage[] {
  const reached = STAGES.map((status) => counts.find((row) => row.status === status)?.reached ?? 0)
  const all = reached[0] ?? 0
  return STAGES.map((status, index) => {
    const here = reached[index] ?? 0
    const before = reached[index - 1] ?? 0
    return {
      status,
      reached: here,
      ofAll: all > 0 ? Math.min(1, here / all) : 0,
      ofBefore: before > 0 ? here / before : undefined,
    }
  })
}

/** `98 %`; neither rounded up to 100 nor down to 0 when it is not that. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100)
  if (rounded === 100 && share < 1) return '>99 %'
  if (rounded === 0 && share > 0) return '<1 %'
  return `${rounded} %`
}
