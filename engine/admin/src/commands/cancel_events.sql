-- $1 events. Those that are not pending, or are held, are skipped.
WITH asked AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE id = ANY ($1) AND NOT delivered AND NOT error AND NOT archived AND coalesce(locked <= now() - interval '30 minutes', true)
  ORDER BY id FOR UPDATE
), changed AS (
  UPDATE hdb_catalog.event_log e SET archived = true FROM asked WHERE e.id = asked.id RETURNING 1
)
SELECT count(*) FROM changed
