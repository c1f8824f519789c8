-- Claims events: $1 instance, $2 limit, $3 triggers, $4 to $6 the part of the queue to read (see `horizon`): fresh events
-- created since $4 or in the last $5 seconds, or only those since $4 if $6 is true; retries that became due in the last $5
-- seconds.
-- Fresh events are claimed before retries, each kind in its order; instances compete through SKIP LOCKED.
-- A held event becomes free when the holder's advisory lock is free (its connection ended), or after 30 minutes. The list
-- of running instances is read only if a held event is found (an uncorrelated ARRAY is evaluated once).
-- $7: events that this instance holds, or NULL. A row of this instance that is not among them is free: the answer of its
-- claim or release was lost.
-- The payload is returned with the event up to $8 bytes. A larger one is loaded when its delivery starts (payload.sql); the
-- first comparison is of the stored size, so that large values are not read here.
WITH fresh AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE NOT delivered AND NOT error AND NOT archived AND next_retry_at IS NULL
    AND created_at >= coalesce(
      least($4::text::timestamp, CASE WHEN NOT $6 THEN timezone('utc', now()) - make_interval(secs => $5) END), '-infinity')
    AND trigger_name = ANY ($3)
    AND (locked IS NULL OR locked < now() - interval '30 minutes'
         OR locked_by = $1 AND $7::text[] IS NOT NULL AND id NOT IN (SELECT unnest($7::text[]))
         OR locked_by <> ALL (ARRAY(SELECT id FROM hdb_catalog.instances
                                    WHERE id = $1 OR NOT pg_try_advisory_xact_lock_shared(id))))
  ORDER BY next_retry_at NULLS FIRST, created_at
  LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), due AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE NOT delivered AND NOT error AND NOT archived AND next_retry_at <= timezone('utc', now())
    AND next_retry_at >= coalesce(timezone('utc', now()) - make_interval(secs => $5), '-infinity')
    AND trigger_name = ANY ($3)
    AND (locked IS NULL OR locked < now() - interval '30 minutes'
         OR locked_by = $1 AND $7::text[] IS NOT NULL AND id NOT IN (SELECT unnest($7::text[]))
         OR locked_by <> ALL (ARRAY(SELECT id FROM hdb_catalog.instances
                                    WHERE id = $1 OR NOT pg_try_advisory_xact_lock_shared(id))))
  ORDER BY next_retry_at NULLS FIRST, created_at
  LIMIT greatest(0, $2 - (SELECT count(*) FROM fresh)) FOR NO KEY UPDATE SKIP LOCKED
), claimed AS (
  UPDATE hdb_catalog.event_log e
  SET locked = now(), locked_by = $1
  FROM (SELECT id, true AS fresh FROM fresh UNION ALL SELECT id, false FROM due) AS chosen
  WHERE e.id = chosen.id
  RETURNING chosen.fresh, e.id, e.schema_name, e.table_name, e.trigger_name, e.tries, e.created_at,
    CASE WHEN pg_column_size(e.payload) <= $8 AND coalesce(pg_column_size(e.exact_payload), 0) <= $8 THEN e.payload END AS payload,
    e.exact_payload
)
SELECT fresh, id, schema_name, table_name, trigger_name, tries,
  (to_json(created_at) #>> '{}') || 'Z' AS created_at,
  CASE WHEN octet_length(text) <= $8 THEN text END AS payload,
  payload #>> '{trace_context,trace_id}' AS trace_id,
  payload #>> '{trace_context,span_id}' AS span_id,
  payload #>> '{trace_context,sampling_state}' AS sampling_state,
  payload ->> 'undeliverable' AS undeliverable
FROM claimed,
  LATERAL (SELECT CASE WHEN payload IS NOT NULL THEN coalesce(exact_payload::text, payload::text) END OFFSET 0) AS printed (text)
