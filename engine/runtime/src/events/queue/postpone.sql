-- Postpones events of triggers that the metadata does not contain by 60 s, so that polls do not read them.
-- $1 known triggers. The newest events are excluded, because another instance may have created their trigger just now.
UPDATE hdb_catalog.event_log e SET next_retry_at = timezone('utc', now()) + interval '60 seconds'
FROM (
  SELECT id FROM hdb_catalog.event_log
  WHERE NOT delivered AND NOT error AND NOT archived AND trigger_name <> ALL ($1) AND locked IS NULL
    AND (next_retry_at IS NULL AND created_at < timezone('utc', now()) - interval '5 seconds'
         OR next_retry_at <= timezone('utc', now()))
  ORDER BY next_retry_at NULLS FIRST, created_at
  LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
) AS stray
WHERE e.id = stray.id
RETURNING e.trigger_name
