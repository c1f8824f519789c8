-- $1 trigger, $2 status (pending, processed or null), $3 limit, $4 offset, $5 maximum age in seconds or null. Two branches, so that
-- pending events are read from the index of the queue. The second column is the number of events.
SELECT coalesce(json_agg(e), '[]')::text, count(*) FROM (
  SELECT id, schema_name, table_name, trigger_name, coalesce(exact_payload, payload::json) AS payload, delivered, error, tries, created_at, locked, next_retry_at, archived
  FROM (
    SELECT * FROM hdb_catalog.event_log
    WHERE $2::text IS DISTINCT FROM 'processed'
      AND trigger_name = $1 AND NOT delivered AND NOT error AND NOT archived
    UNION ALL
    SELECT * FROM hdb_catalog.event_log
    WHERE $2::text IS DISTINCT FROM 'pending'
      AND trigger_name = $1 AND (delivered OR error) AND NOT archived
  ) AS chosen
  WHERE $5::float8 IS NULL OR created_at >= timezone('utc', now()) - make_interval(secs => $5)
  ORDER BY created_at DESC NULLS LAST, id LIMIT $3 OFFSET $4
) AS e
