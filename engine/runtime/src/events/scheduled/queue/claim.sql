-- Claims due events: $1 instance, $2 limit of cron events, $3 limit of one-off events, $4 cron triggers, $5 events that the instance
-- holds. A locked event is free if its holder's advisory lock is free (its connection ended), if no engine of this kind locked it, or
-- if the instance itself locked it and does not know it.
-- Payloads are returned up to $6 bytes. Larger ones are loaded when the delivery starts (payload.sql).
WITH cron AS MATERIALIZED (
  SELECT id FROM hdb_catalog.hdb_cron_events
  WHERE status IN ('scheduled', 'locked') AND coalesce(next_retry_at, scheduled_time) <= now()
    AND trigger_name = ANY ($4)
    AND (status = 'scheduled' OR locked_by IS NULL OR locked_by = $1 AND id NOT IN (SELECT unnest($5::text[]))
         OR locked_by <> ALL (ARRAY(SELECT id FROM hdb_catalog.instances
                                    WHERE id = $1 OR NOT pg_try_advisory_xact_lock_shared(id))))
  ORDER BY coalesce(next_retry_at, scheduled_time)
  LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), one_off AS MATERIALIZED (
  SELECT id FROM hdb_catalog.hdb_scheduled_events
  WHERE status IN ('scheduled', 'locked') AND coalesce(next_retry_at, scheduled_time) <= now()
    AND (status = 'scheduled' OR locked_by IS NULL OR locked_by = $1 AND id NOT IN (SELECT unnest($5::text[]))
         OR locked_by <> ALL (ARRAY(SELECT id FROM hdb_catalog.instances
                                    WHERE id = $1 OR NOT pg_try_advisory_xact_lock_shared(id))))
  ORDER BY coalesce(next_retry_at, scheduled_time)
  LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
), claimed_cron AS (
  UPDATE hdb_catalog.hdb_cron_events e SET status = 'locked', locked_by = $1
  FROM cron WHERE e.id = cron.id
  RETURNING e.id, e.trigger_name, e.tries, e.scheduled_time, e.created_at
), claimed_one_off AS (
  UPDATE hdb_catalog.hdb_scheduled_events e SET status = 'locked', locked_by = $1
  FROM one_off WHERE e.id = one_off.id
  RETURNING e.id, e.tries, e.scheduled_time, e.created_at, e.webhook_conf, e.header_conf, e.retry_conf, e.payload, e.comment
), claimed AS (
  SELECT id, trigger_name, tries, scheduled_time, created_at, NULL AS webhook_conf, NULL AS header_conf, NULL AS retry_conf,
    NULL AS payload, NULL AS comment
  FROM claimed_cron
  UNION ALL
  SELECT id, NULL, tries, scheduled_time, created_at, webhook_conf::text, header_conf::text, retry_conf::text, payload::text, comment
  FROM claimed_one_off
)
SELECT id, trigger_name, tries,
  -- Written by SQL, it can be infinite, which Postgres cannot subtract.
  CASE WHEN isfinite(scheduled_time) THEN extract(epoch FROM now() - scheduled_time)::double precision
       ELSE double precision 'Infinity' END AS age,
  (to_json(timezone('utc', scheduled_time)) #>> '{}') || 'Z' AS scheduled_time,
  coalesce((to_json(created_at) #>> '{}') || 'Z', '') AS created_at,
  webhook_conf, header_conf, retry_conf,
  CASE WHEN octet_length(payload) <= $6 THEN payload END AS payload,
  octet_length(payload) AS payload_bytes,
  comment
FROM claimed
