-- Deletes a batch of calls whose events were deleted earlier: $1 trigger, $2 age in hours, $3 limit.
DELETE FROM hdb_catalog.event_invocation_logs
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM hdb_catalog.event_invocation_logs
  WHERE trigger_name = $1 AND created_at < timezone('utc', now()) - make_interval(hours => $2)
  LIMIT $3 FOR UPDATE SKIP LOCKED))
