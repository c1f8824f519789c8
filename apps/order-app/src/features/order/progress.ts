import { order as texts } from '../../texts/order'

/** A row of `order_history`. */
export interface HistoryRow {
  id: number
  at: string
  step: string
  outcome: string
  attempt?: number | null
}

/** One entry of the progress list. */
export interface ProgressEntry {
  /** Id of the history row; 0 for the placement, which has no row. */
  id: number
  at: string
  title: string
  /** Reason of a refusal or decline, or name of the driver. */
  detail: string | undefined
  tone: 'good' | 'bad' | 'waiting'
}

/** Outcomes that are good or bad; the others are neutral. */
const TONES: Record<string, ProgressEntry['tone']> = {
  validated: 'good',
  refused: 'bad',
  paid: 'good',
  'payment declined': 'bad',
  approved: 'good',
  assigned: 'good',
  picked_up: 'good',
  delivered: 'good',
  failed: 'bad',
  cancelled: 'bad',
  rejected: 'bad',
  expired: 'bad',
  refunded: 'good',
  done: 'good',
}

/** Details of an order that its history does not contain. */
export interface OrderDetails {
  payments?: readonly { attempt: number; decline_code?: string | null }[]
  problem?: string | null | undefined
  driver?: string | undefined
}

/** Returns the progress of an order: its placement, then one entry per row of its history. */
export function progressEntries(
  created: string,
  history: readonly HistoryRow[],
  details: OrderDetails = {},
): ProgressEntry[] {
  const placed: ProgressEntry = {
    id: 0,
    at: created,
    title: texts.placed,
    detail: undefined,
    tone: 'good',
  }
  // Only the present driver is known.
  const assigned = history.findLast(({ outcome }) => outcome === 'assigned')
  const entries = history.map((row): ProgressEntry => {
    const key = `${row.step} ${row.outcome}`
    const title = texts.outcomes[key]
    // A driver that declines is not an error.
    const tone = title === undefined ? undefined : (TONES[key] ?? TONES[row.outcome])
    return {
      id: row.id,
      at: row.at,
      title: title ?? texts.updated,
      detail: detail(row, row === assigned, details),
      tone: tone ?? 'waiting',
    }
  })
  return [placed, ...entries]
}

function detail(
  row: HistoryRow,
  isLastAssignment: boolean,
  { payments, problem, driver }: OrderDetails,
): string | undefined {
  if (row.outcome === 'refused') return problem ?? undefined
  if (row.outcome === 'assigned') return isLastAssignment ? driver : undefined
  if (row.step !== 'payment' || row.outcome !== 'declined') return undefined
  const code = payments?.find(({ attempt }) => attempt === row.attempt)?.decline_code
  // Only reasons that the customer can act on: others, such as a stolen card, must not be disclosed.
  return texts.declineReasons[code ?? '']
}
