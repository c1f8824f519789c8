-- $1 event, $2 limit and $3 offset of its invocations
SELECT json_build_object(
  'event', (
    SELECT row_to_json(shown) FROM (
      SELECT e.id, e.schema_name, e.table_name, e.trigger_name, coalesce(e.exact_payload, e.payload::json) AS payload,
        e.delivered, e.error, e.tries, e.created_at, e.locked, e.next_retry_at, e.archived
    ) AS shown),
  'invocations', (
    SELECT coalesce(json_agg(l), '[]') FROM (
      SELECT l.id, e.trigger_name, l.event_id, l.status AS http_status, l.status,
        hdb_catalog.logged_request(l.request, e) AS request, l.response, l.created_at
      FROM hdb_catalog.event_invocation_logs l WHERE l.event_id = e.id
      ORDER BY l.created_at DESC, l.id LIMIT $2 OFFSET $3
    ) AS l))::text
FROM hdb_catalog.event_log e WHERE e.id = $1
