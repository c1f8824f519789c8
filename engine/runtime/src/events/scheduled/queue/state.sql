-- Upcoming events: $1 cron triggers, $2 key of the instance. One row for each trigger with scheduled events, and one without a name for
-- one-off events. Times that SQL made infinite are never due, or are claimed in any case.
SELECT trigger_name,
  count(*) FILTER (WHERE tries = 0 AND scheduled_time > now()) AS upcoming,
  floor(extract(epoch FROM max(scheduled_time) FILTER (WHERE tries = 0 AND scheduled_time > now())))::bigint AS latest,
  extract(epoch FROM min(coalesce(next_retry_at, scheduled_time)) - now())::double precision AS due_in,
  NULL::bigint AS now,
  NULL::boolean AS held_elsewhere
FROM hdb_catalog.hdb_cron_events
WHERE status = 'scheduled' AND trigger_name = ANY ($1)
  AND isfinite(scheduled_time) AND isfinite(coalesce(next_retry_at, scheduled_time))
GROUP BY trigger_name
UNION ALL
SELECT NULL, 0, NULL,
  (SELECT extract(epoch FROM coalesce(next_retry_at, scheduled_time) - now())::double precision
   FROM hdb_catalog.hdb_scheduled_events
   WHERE status = 'scheduled' AND isfinite(coalesce(next_retry_at, scheduled_time))
   ORDER BY coalesce(next_retry_at, scheduled_time) LIMIT 1),
  floor(extract(epoch FROM now()))::bigint,
  EXISTS (SELECT FROM hdb_catalog.hdb_cron_events
          WHERE status = 'locked' AND trigger_name = ANY ($1) AND locked_by >> 20 <> $2)
  OR EXISTS (SELECT FROM hdb_catalog.hdb_scheduled_events WHERE status = 'locked' AND locked_by >> 20 <> $2)
