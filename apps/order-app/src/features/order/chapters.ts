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

/** An order's story, from its history: the placing first, then each row with the time since the one before. */
export function story(created: string, history: readonly HistoryRow[]): Chapter[] {
  const placed: Chapter = {
    id: 0,
    at: created,
    title: 'Order placed',
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
      tone,
      since: millisecondsBetween(before, row.at),
      attempt: attempt(row),
    }
  })
  return [placed, ...rows]
}

/** Deliveries of an event count from 0, payments from 1; people do a thing once. */
function attempt(row: HistoryRow): string | undefined {
  if (row.attempt == null) return undefined
  return `attempt ${row.event_id == null ? row.attempt : row.attempt + 1}`
}
