-- Claims a scheduled clean-up: $1 trigger, $2 its time, $3 whether it has just become due. One engine gets the row. The first row
-- of a trigger records the latest time before its configuration was seen, at which nothing has to be deleted; a later time
-- that passed while no engine was running is made up for.
INSERT INTO hdb_catalog.hdb_event_log_cleanups (trigger_name, scheduled_at, status)
SELECT $1, $2::text::timestamp, CASE
  WHEN $3 OR EXISTS (SELECT FROM hdb_catalog.hdb_event_log_cleanups WHERE trigger_name = $1) THEN 'scheduled'
  ELSE 'dead'
END
ON CONFLICT (trigger_name, scheduled_at) DO NOTHING
RETURNING id, status = 'scheduled' AS is_mine
