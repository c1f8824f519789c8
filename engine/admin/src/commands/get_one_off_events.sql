-- $1 statuses or null, $2 limit, $3 offset, $4 whether to count. Times are UTC, in the form of Hasura. The text of json values is
-- inserted as it is, because jsonb does not accept all of them.
SELECT '{' || CASE WHEN $4::boolean THEN '"count":' || (
    SELECT count(*) FROM hdb_catalog.hdb_scheduled_events WHERE $1::text[] IS NULL OR status = ANY ($1))::text || ',' ELSE '' END
  || '"events":' || coalesce((
    SELECT json_agg(json_build_object(
      'id', id, 'webhook_conf', webhook_conf, 'scheduled_time', (to_json(timezone('utc', scheduled_time)) #>> '{}') || 'Z',
      'retry_conf', retry_conf, 'payload', payload, 'header_conf', header_conf, 'status', status, 'tries', tries,
      'created_at', (to_json(created_at) #>> '{}') || 'Z',
      'next_retry_at', (to_json(timezone('utc', next_retry_at)) #>> '{}') || 'Z', 'comment', comment) ORDER BY chosen.scheduled_time, id)::text
    FROM (
      SELECT * FROM hdb_catalog.hdb_scheduled_events WHERE $1::text[] IS NULL OR status = ANY ($1)
      ORDER BY scheduled_time, id LIMIT $2 OFFSET $3
    ) AS chosen), '[]') || '}'
