import { literal } from '../../engine/sql'

/** States of the events of a trigger. */
export const STATES = { pending: 'Pending', delivered: 'Delivered', failed: 'Failed' }
export type State = keyof typeof STATES

export interface EventRow {
  id: string
  created_at: string
  tries: number
  payload: unknown
}

/** Query for the events of a trigger: pending ones from the oldest on, the others from the newest on. */
export function eventsOf(trigger: string, state: State, limit: number): string {
  const part = (condition: string, order: string) =>
    `(SELECT * FROM hdb_catalog.event_log WHERE trigger_name = ${literal(trigger)} AND NOT archived AND ${condition}
      ORDER BY ${order} LIMIT ${limit})`
  const waiting = 'NOT delivered AND NOT error'
  const parts = {
    // Each in the order of an index: fresh events, those of a paused trigger, which are set aside, and retries.
    pending: [
      part(`${waiting} AND next_retry_at IS NULL`, 'created_at'),
      part(`${waiting} AND next_retry_at = 'infinity'`, 'created_at'),
      part(`${waiting} AND next_retry_at < 'infinity'`, 'next_retry_at, created_at'),
    ],
    delivered: [part('delivered', 'created_at DESC')],
    failed: [part('error', 'created_at DESC')],
  }
  const order = state === 'pending' ? 'created_at' : 'created_at DESC'
  return `SELECT coalesce(json_agg(e), '[]') FROM (
    SELECT id, created_at, tries, coalesce(exact_payload, payload::json) AS payload
    FROM (${parts[state].join(' UNION ALL ')}) AS found ORDER BY ${order}, id LIMIT ${limit}) e`
}
