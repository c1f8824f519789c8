-- $1 trigger, $2 limit, $3 offset
SELECT coalesce(json_agg(l), '[]')::text FROM (
  SELECT l.id, e.trigger_name, l.event_id, l.status AS http_status, l.status,
    hdb_catalog.logged_request(l.request, e) AS request, l.response, l.created_at
  FROM hdb_catalog.event_invocation_logs l JOIN hdb_catalog.event_log e ON e.id = l.event_id
  WHERE e.trigger_name = $1
  ORDER BY l.created_at DESC, l.id LIMIT $2 OFFSET $3
) AS l
