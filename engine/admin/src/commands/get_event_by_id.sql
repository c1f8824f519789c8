-- $1 event, $2 limit and $3 offset of its invocations
SELECT json_build_object('event', row_to_json(e), 'invocations', (
  SELECT coalesce(json_agg(l), '[]') FROM (
    SELECT l.id, e.trigger_name, l.event_id, l.status AS http_status, l.status, l.request, l.response, l.created_at
    FROM hdb_catalog.event_invocation_logs l WHERE l.event_id = e.id
    ORDER BY l.created_at DESC, l.id LIMIT $2 OFFSET $3
  ) AS l))::text
FROM (
  SELECT id, schema_name, table_name, trigger_name, coalesce(exact_payload, payload::json) AS payload, delivered, error, tries, created_at, locked, next_retry_at, archived
  FROM hdb_catalog.event_log WHERE id = $1
) AS e
