-- $1 statuses or null, $2 limit, $3 offset, $4 whether to count, $5 trigger. Times are UTC, in the form of Hasura.
SELECT (jsonb_strip_nulls(jsonb_build_object('count', CASE WHEN $4::boolean THEN (
    SELECT count(*) FROM hdb_catalog.hdb_cron_events WHERE trigger_name = $5 AND ($1::text[] IS NULL OR status = ANY ($1))) END))
  || jsonb_build_object('events', coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', id, 'trigger_name', trigger_name, 'scheduled_time', (to_json(timezone('utc', scheduled_time)) #>> '{}') || 'Z',
      'status', status, 'tries', tries, 'created_at', (to_json(created_at) #>> '{}') || 'Z',
      'next_retry_at', (to_json(timezone('utc', next_retry_at)) #>> '{}') || 'Z') ORDER BY scheduled_time, id)
    FROM (
      SELECT * FROM hdb_catalog.hdb_cron_events WHERE trigger_name = $5 AND ($1::text[] IS NULL OR status = ANY ($1))
      ORDER BY scheduled_time, id LIMIT $2 OFFSET $3
    ) AS chosen), '[]')))::text
