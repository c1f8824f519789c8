-- $1 events. Those that are held or archived are skipped.
WITH asked AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE id = ANY ($1) AND NOT archived AND coalesce(locked <= now() - interval '30 minutes', true)
  ORDER BY id FOR UPDATE
), changed AS (
  UPDATE hdb_catalog.event_log e SET delivered = false, error = false, tries = 0, next_retry_at = NULL
  FROM asked WHERE e.id = asked.id RETURNING 1
)
SELECT count(*) FROM changed
