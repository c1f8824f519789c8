-- Deletes one batch of events that are done: $1 trigger, $2 id after which the batch starts, $3 age in hours, $4 limit,
-- $5 whether to delete failed events too, $6 whether to delete the calls of the events; otherwise they are kept with the name of
-- the trigger, $7 number of rows to read. Read in the order of the primary key, so that all batches together read the table once,
-- and that of a trigger with few events does not read until its time limit. An event that is held, or that another transaction
-- changes, is skipped. Returns the numbers of deleted rows, the id up to which the rows were read, and whether more may follow.
WITH page AS MATERIALIZED (
  SELECT max(id) AS last, count(*) AS rows
  FROM (SELECT id FROM hdb_catalog.event_log WHERE id > $2 ORDER BY id LIMIT $7) AS ids
), old AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE id > $2 AND id <= (SELECT last FROM page)
    AND trigger_name = $1 AND (delivered OR archived OR error AND $5) AND locked IS NULL
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
), found AS (
  SELECT count(*) >= $4 AS is_full, max(id) AS last FROM old
)
SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM calls) AS calls,
  CASE WHEN found.is_full THEN found.last ELSE page.last END AS last,
  found.is_full OR page.rows = $7 AS more
FROM found, page
