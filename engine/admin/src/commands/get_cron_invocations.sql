-- $1 event or null, $2 limit, $3 offset, $4 whether to count, $5 trigger or null. The newest first.
WITH found AS (
  SELECT l.id, l.event_id, l.status, l.request, l.response, l.created_at
  FROM hdb_catalog.hdb_cron_event_invocation_logs l JOIN hdb_catalog.hdb_cron_events e ON e.id = l.event_id
  WHERE ($1::text IS NULL OR l.event_id = $1) AND ($5::text IS NULL OR e.trigger_name = $5)
)
SELECT '{' || CASE WHEN $4::boolean THEN '"count":' || (SELECT count(*) FROM found)::text || ',' ELSE '' END
  || '"invocations":' || coalesce((
    SELECT json_agg(json_build_object('id', id, 'event_id', event_id, 'status', status, 'request', request, 'response', response,
      'created_at', (to_json(created_at) #>> '{}') || 'Z') ORDER BY chosen.created_at DESC, id)::text
    FROM (SELECT * FROM found ORDER BY created_at DESC, id LIMIT $2 OFFSET $3) AS chosen), '[]') || '}'
