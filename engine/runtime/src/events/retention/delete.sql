-- Deletes one batch of events that are done: $1 trigger, $2 id after which the batch starts, $3 age in hours, $4 limit,
-- $5 whether to delete failed events too, $6 whether to delete the calls of the events; otherwise they are kept with the name of
-- the trigger. Read in the order of the primary key, so that all batches together read the table once. An event that is held, or
-- that another transaction changes, is skipped.
WITH old AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE id > $2 AND trigger_name = $1 AND (delivered OR archived OR error AND $5) AND locked IS NULL
    AND created_at < timezone('utc', now()) - make_interval(hours => $3)
  ORDER BY id
  LIMIT $4 FOR UPDATE SKIP LOCKED
), calls AS (
  DELETE FROM hdb_catalog.event_invocation_logs WHERE $6 AND event_id = ANY (ARRAY(SELECT id FROM old)) RETURNING 1
), kept AS (
  UPDATE hdb_catalog.event_invocation_logs SET trigger_name = $1
  WHERE NOT $6 AND event_id = ANY (ARRAY(SELECT id FROM old))
), events AS (
  DELETE FROM hdb_catalog.event_log WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING 1
)
SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM calls) AS calls, (SELECT max(id) FROM old) AS last
