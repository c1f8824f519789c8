-- $1 trigger, $2 status (pending, processed or null), $3 limit, $4 offset
SELECT coalesce(json_agg(e), '[]')::text FROM (
  SELECT id, schema_name, table_name, trigger_name, coalesce(exact_payload, payload::json) AS payload, delivered, error, tries, created_at, locked, next_retry_at, archived
  FROM hdb_catalog.event_log
  WHERE trigger_name = $1 AND NOT archived
    AND ($2::text IS NULL OR (delivered OR error) = ($2 = 'processed'))
  ORDER BY created_at DESC, id LIMIT $3 OFFSET $4
) AS e
