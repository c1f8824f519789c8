import type { Engine } from '../../engine/engine'
import { literal } from '../../engine/sql'
import type { Invocation } from './Invocations'
import type { ScheduledEvent } from './scheduled'

type Status = ScheduledEvent['status']

/** Events that will be delivered, and those that are over. */
export const STATES = {
  pending: ['scheduled', 'locked'],
  past: ['delivered', 'error', 'dead'],
} satisfies Record<string, Status[]>
export type State = keyof typeof STATES

/**
 * Query for the events of a cron trigger, or for one-off events: the next ones first, or the latest ones first of those that are over.
 * The command of Hasura lists both from the oldest on.
 *
 * @param trigger cron trigger; undefined for one-off events
 */
export function eventsSql(trigger: string | undefined, state: State, limit: number): string {
  const columns = 'id, scheduled_time, status, tries'
  const from =
    trigger === undefined
      ? `${columns}, comment, payload, webhook_conf FROM hdb_catalog.hdb_scheduled_events`
      : `${columns} FROM hdb_catalog.hdb_cron_events`
  const states = STATES[state].map((status) => literal(status)).join(', ')
  const of = trigger === undefined ? '' : ` AND trigger_name = ${literal(trigger)}`
  const order = state === 'pending' ? 'ASC' : 'DESC'
  return (
    `SELECT coalesce(json_agg(e), '[]') FROM (SELECT ${from} ` +
    `WHERE status IN (${states})${of} ORDER BY scheduled_time ${order}, id LIMIT ${limit}) e`
  )
}

/** Reads the calls for the events of a cron trigger, or for a one-off event. */
export function invocationsOf(
  of: { type: 'cron'; trigger_name: string } | { type: 'one_off'; event_id: string },
) {
  return async (engine: Engine, limit: number): Promise<Invocation[]> => {
    const args = { ...of, limit, get_rows_count: false }
    const { invocations } = await engine.metadata<{ invocations: Invocation[] }>(
      'get_scheduled_event_invocations',
      args,
    )
    return invocations
  }
}
