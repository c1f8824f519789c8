import { useMetadata } from '../../engine/context'
import { entriesOf, type EventTrigger } from '../../engine/metadata'
import type { TableName } from '../../engine/sql'

/** Event trigger with the table that it watches. */
export interface Trigger extends EventTrigger {
  table: TableName
}

/** Returns all event triggers; undefined before the metadata is read. */
export function useTriggers(): Trigger[] | undefined {
  const { data } = useMetadata()
  if (!data) return undefined
  return entriesOf(data.metadata).flatMap(({ table, event_triggers = [] }) =>
    event_triggers.map((trigger) => ({ ...trigger, table })),
  )
}

/** Path of the page of an event trigger. */
export function triggerPath(name: string): string {
  return `/events/trigger/${encodeURIComponent(name)}`
}

/** Operations that a trigger reacts to, for display. */
export function operationsOf({
  definition: { insert, update, delete: removed, enable_manual },
}: EventTrigger): string {
  const columns = update && update.columns !== '*' ? ` of ${update.columns.join(', ')}` : ''
  return [insert && 'insert', update && `update${columns}`, removed && 'delete', enable_manual && 'by hand']
    .filter(Boolean)
    .join(', ')
}

/** Events of a trigger that are not delivered yet, and those that were given up. */
export interface Backlog {
  name: string
  pending: number
  /** Age of the oldest pending event in seconds; null without one. */
  oldest: number | null
  failed: number
  /** Whether there are more events than were counted. */
  isCut: boolean
}

/** Number of events of all triggers that are counted, and of those of a paused trigger. */
const MAX_COUNTED = 20_000

/**
 * Query for the backlog of triggers, which reads a limited number of events. Those of paused triggers are set aside by the engine; an
 * index finds them by their trigger.
 */
export const BACKLOG = `
WITH queue AS MATERIALIZED (
  SELECT trigger_name, created_at FROM hdb_catalog.event_log
  WHERE NOT delivered AND NOT error AND NOT archived AND (next_retry_at IS NULL OR next_retry_at < 'infinity')
  ORDER BY next_retry_at NULLS FIRST, created_at LIMIT ${MAX_COUNTED}
), failed AS MATERIALIZED (
  SELECT trigger_name FROM hdb_catalog.event_log WHERE error AND NOT archived ORDER BY created_at LIMIT ${MAX_COUNTED}
)
SELECT coalesce(json_agg(json_build_object(
  'name', n.name, 'pending', q.events + s.events, 'failed', f.events,
  'oldest', extract(epoch FROM timezone('utc', now()) - least(q.oldest, s.oldest)),
  'isCut', greatest((SELECT count(*) FROM queue), (SELECT count(*) FROM failed), s.events) >= ${MAX_COUNTED}
)), '[]')
FROM unnest($NAMES) AS n (name),
  LATERAL (SELECT count(*) AS events, min(created_at) AS oldest FROM queue WHERE trigger_name = n.name) q,
  LATERAL (SELECT count(*) AS events FROM failed WHERE trigger_name = n.name) f,
  LATERAL (SELECT count(*) AS events, min(created_at) AS oldest FROM (
    SELECT created_at FROM hdb_catalog.event_log
    WHERE trigger_name = n.name AND next_retry_at = 'infinity' AND NOT delivered AND NOT error AND NOT archived
    ORDER BY created_at LIMIT ${MAX_COUNTED}) a) s`
