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

/** Titles of the known outcomes of each step. */
const TITLES: Record<string, [string, ProgressEntry['tone']]> = {
  'validate-order validated': ['Order checked', 'good'],
  'validate-order refused': ['Order refused', 'bad'],
  'payment paid': ['Payment accepted', 'good'],
  'payment declined': ['Card declined', 'bad'],
  'restaurant-approval approved': ['Restaurant approved', 'good'],
  'restaurant-approval waiting': ['Waiting for the restaurant', 'waiting'],
  'agent-assignment assigned': ['Driver assigned', 'good'],
  'agent-assignment waiting': ['Waiting for a driver', 'waiting'],
  'pick-up picked_up': ['Picked up by the driver', 'good'],
  'delivery delivered': ['Delivered', 'good'],
  'delivery failed': ['Delivery failed', 'bad'],
  'agent-assignment declined': ['Driver declined', 'waiting'],
  'agent-assignment no-answer': ['Driver did not answer', 'waiting'],
  'agent-assignment released': ['Driver ended the duty', 'waiting'],
  'cancellation cancelled': ['Order cancelled', 'bad'],
  'restaurant-approval rejected': ['Restaurant rejected the order', 'bad'],
  'expire-orders expired': ['Order expired', 'bad'],
  'refund-payment refunded': ['Payment returned', 'good'],
}

/** Reasons for a decline that the customer can act on. Others, such as a stolen card, must not be disclosed. */
const DECLINE_REASONS: Record<string, string> = {
  insufficient_funds: 'Insufficient funds',
  expired_card: 'Card expired',
  incorrect_cvc: 'Incorrect security code',
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
    title: 'Order placed',
    detail: undefined,
    tone: 'good',
  }
  // Only the present driver is known.
  const assigned = history.findLast(({ outcome }) => outcome === 'assigned')
  const entries = history.map((row): ProgressEntry => {
    const [title, tone] = TITLES[`${row.step} ${row.outcome}`] ?? ['Order updated', 'waiting']
    return { id: row.id, at: row.at, title, detail: detail(row, row === assigned, details), tone }
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
  return DECLINE_REASONS[code ?? '']
}
