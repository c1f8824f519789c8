-- $1 trigger, $2 limit, $3 offset, $4 maximum age in seconds or null. The calls are chosen before their requests and responses and
-- the payloads of their events are read; `id` has no index, so that they are found again by their position, which is the
-- same within a statement. The second column is the number of calls. The calls of deleted events name their trigger themselves and
-- are shown as they are stored.
SELECT coalesce(json_agg(l), '[]')::text, count(*) FROM (
  SELECT l.id, coalesce(l.trigger_name, e.trigger_name) AS trigger_name, l.event_id, l.status AS http_status, l.status,
    CASE WHEN e.id IS NULL THEN l.request ELSE hdb_catalog.logged_request(l.request, e) END AS request, l.response, l.created_at
  FROM (
    SELECT l.ctid AS position, l.event_id, l.created_at, l.id
    FROM hdb_catalog.event_invocation_logs l LEFT JOIN hdb_catalog.event_log e ON e.id = l.event_id
    WHERE coalesce(l.trigger_name, e.trigger_name) = $1
      AND ($4::float8 IS NULL OR l.created_at >= timezone('utc', now()) - make_interval(secs => $4))
    ORDER BY l.created_at DESC NULLS LAST, l.id LIMIT $2 OFFSET $3
  ) AS chosen
  JOIN hdb_catalog.event_invocation_logs l ON l.ctid = chosen.position
  LEFT JOIN hdb_catalog.event_log e ON e.id = chosen.event_id
  ORDER BY chosen.created_at DESC NULLS LAST, chosen.id
) AS l
