import { useMetadata } from '../../engine/context'
import type { EventTrigger } from '../../engine/metadata'
import type { TableName } from '../../engine/sql'

/** Event trigger with the table that it watches. */
export interface Trigger extends EventTrigger {
  table: TableName
}

/** Returns all event triggers; undefined before the metadata is read. */
export function useTriggers(): Trigger[] | undefined {
  const { data } = useMetadata()
  if (!data) return undefined
  return (data.metadata.sources ?? []).flatMap(({ tables }) =>
    tables.flatMap(({ table, event_triggers }) =>
      (event_triggers ?? []).map((trigger) => ({ ...trigger, table })),
    ),
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
}

/** Counts that are larger are shown as “more than”. */
export const MAX_COUNTED = 10_000

/** The indexes of the queue and of failed events contain these events only. */
export const BACKLOG = `
SELECT coalesce(json_agg(b), '[]') FROM (
  SELECT n.name,
    (SELECT count(*) FROM (SELECT FROM hdb_catalog.event_log e
      WHERE e.trigger_name = n.name AND NOT e.delivered AND NOT e.error AND NOT e.archived LIMIT ${MAX_COUNTED + 1}) p) AS pending,
    (SELECT extract(epoch FROM timezone('utc', now()) - min(e.created_at)) FROM hdb_catalog.event_log e
      WHERE e.trigger_name = n.name AND NOT e.delivered AND NOT e.error AND NOT e.archived) AS oldest,
    (SELECT count(*) FROM (SELECT FROM hdb_catalog.event_log e
      WHERE e.trigger_name = n.name AND e.error AND NOT e.archived LIMIT ${MAX_COUNTED + 1}) f) AS failed
  FROM unnest($NAMES) AS n (name)
) b`
