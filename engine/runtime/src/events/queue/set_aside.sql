-- Sets aside the events whose trigger is paused or unknown, and returns those of other triggers to the queue.
-- $1 triggers whose events are delivered, $2 maximum number of events that are looked at, and of those that are returned.
-- An event that is set aside has the retry time 'infinity': no poll reads it, and an index of its own finds it by its trigger.
-- Only the front of the queue is looked at: polls do not read what is behind enough events that they can claim. The newest events are
-- excluded, because another instance may have created or resumed their trigger just now.
WITH front AS MATERIALIZED (
  (SELECT id, trigger_name FROM hdb_catalog.event_log
   WHERE NOT delivered AND NOT error AND NOT archived AND next_retry_at IS NULL
     AND created_at < timezone('utc', now()) - interval '5 seconds'
   ORDER BY next_retry_at NULLS FIRST, created_at LIMIT $2)
  UNION ALL
  (SELECT id, trigger_name FROM hdb_catalog.event_log
   WHERE NOT delivered AND NOT error AND NOT archived AND next_retry_at <= timezone('utc', now())
   ORDER BY next_retry_at NULLS FIRST, created_at LIMIT $2)
), stray AS MATERIALIZED (
  SELECT e.id FROM front JOIN hdb_catalog.event_log e ON e.id = front.id
  WHERE front.trigger_name <> ALL ($1) AND e.locked IS NULL AND NOT e.delivered AND NOT e.error AND NOT e.archived
  FOR NO KEY UPDATE OF e SKIP LOCKED
), delivered_again AS MATERIALIZED (
  SELECT id FROM hdb_catalog.event_log
  WHERE trigger_name = ANY ($1) AND next_retry_at = 'infinity' AND NOT delivered AND NOT error AND NOT archived
  LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), set_aside AS (
  UPDATE hdb_catalog.event_log e SET next_retry_at = 'infinity' FROM stray WHERE e.id = stray.id RETURNING e.trigger_name
), returned AS (
  UPDATE hdb_catalog.event_log e SET next_retry_at = NULL FROM delivered_again WHERE e.id = delivered_again.id RETURNING 1
)
SELECT trigger_name, count(*) AS events FROM set_aside GROUP BY trigger_name
UNION ALL SELECT NULL, count(*) FROM returned
