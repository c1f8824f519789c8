-- Records the result of a clean-up: $1 id, $2 status, $3 deleted events, $4 deleted calls. Rows of more than 30 days before it are
-- deleted.
WITH ended AS (
  UPDATE hdb_catalog.hdb_event_log_cleanups
  SET status = $2, deleted_event_logs = $3, deleted_event_invocation_logs = $4
  WHERE id = $1
  RETURNING trigger_name, scheduled_at
)
DELETE FROM hdb_catalog.hdb_event_log_cleanups c USING ended
WHERE c.trigger_name = ended.trigger_name AND c.scheduled_at < ended.scheduled_at - interval '30 days'
