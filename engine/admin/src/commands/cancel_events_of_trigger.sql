-- $1 trigger, $2 and $3 range of created_at (or null), $4 id after which to start, $5 limit. Events that are held are skipped.
WITH asked AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE id > $4 AND trigger_name = $1 AND NOT delivered AND NOT error AND NOT archived
    AND created_at >= coalesce($2::text::timestamp, '-infinity') AND created_at <= coalesce($3::text::timestamp, 'infinity')
    AND coalesce(locked <= now() - interval '30 minutes', true)
  ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED
), changed AS (
  UPDATE hdb_catalog.event_log e SET archived = true FROM asked WHERE e.id = asked.id RETURNING 1
)
SELECT (SELECT count(*) FROM changed), (SELECT max(id) FROM asked)
