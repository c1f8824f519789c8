import { millisecondsBetween } from '@threefactor/shared'

/** A row of `order_history`. */
export interface HistoryRow {
  id: number
  at: string
  step: string
  outcome: string
  attempt?: number | null
  event_id?: string | null
}

/** One line of an order's story. */
export interface Chapter {
  /** The row's id; 0 for the placing itself, which has no row. */
  id: number
  at: string
  title: string
  /** More about it, in words: why a card was declined, who drives. */
  detail: string | undefined
  tone: 'good' | 'bad' | 'waiting'
  /** Milliseconds since the line before; undefined for the first. */
  since: number | undefined
  /** Which try, in words; undefined where nobody tries twice. */
  attempt: string | undefined
}

/** What each outcome of each step is called for the customer; other words are shown as they are. */
const TITLES: Record<string, [string, Chapter['tone']]> = {
  'validate-order validated': ['Order checked', 'good'],
  'validate-order refused': ['Order refused', 'bad'],
  'payment paid': ['Payment accepted', 'good'],
  'payment declined': ['Card declined', 'bad'],
  'restaurant-approval approved': ['Restaurant approved', 'good'],
  'restaurant-approval waiting': ['Waiting for the restaurant', 'waiting'],
  'agent-assignment assigned': ['Driver assigned', 'good'],
  'agent-assignment waiting': ['Waiting for a free driver', 'waiting'],
  'pick-up picked_up': ['Picked up by the driver', 'good'],
  'delivery delivered': ['Delivered', 'good'],
}

/** What the order's other tables add to its history. */
export interface Background {
  payments?: readonly { attempt: number; decline_code?: string | null }[]
  problem?: string | null | undefined
  driver?: string | undefined
}

/** An order's story, from its history: the placing first, then each row with the time since the one before. */
export function story(
  created: string,
  history: readonly HistoryRow[],
  background: Background = {},
): Chapter[] {
  const placed: Chapter = {
    id: 0,
    at: created,
    title: 'Order placed',
    detail: undefined,
    tone: 'good',
    since: undefined,
    attempt: undefined,
  }
  const rows = history.map((row, index): Chapter => {
    const [title, tone] = TITLES[`${row.step} ${row.outcome}`] ?? [`${row.step}: ${row.outcome}`, 'waiting']
    const before = history[index - 1]?.at ?? created
    return {
      id: row.id,
      at: row.at,
      title,
      detail: detail(row, background),
      tone,
      since: millisecondsBetween(before, row.at),
      attempt: attempt(row),
    }
  })
  return [placed, ...rows]
}

function detail(row: HistoryRow, { payments, problem, driver }: Background): string | undefined {
  if (row.outcome === 'refused') return problem ?? undefined
  if (row.outcome === 'assigned') return driver
  if (row.outcome !== 'declined') return undefined
  const code = payments?.find(({ attempt }) => attempt === row.attempt)?.decline_code
  return code?.replaceAll('_', ' ')
}

/** Deliveries of an event count from 0, payments from 1; people do a thing once. */
function attempt(row: HistoryRow): string | undefined {
  if (row.attempt == null) return undefined
  return `attempt ${row.event_id == null ? row.attempt : row.attempt + 1}`
}
