-- Inserts events of cron triggers: $1 version of the metadata that defines the triggers, $2 their names, $3 times. The lock of the row
-- makes a concurrent change of the metadata wait, and this statement wait for one.
WITH current AS MATERIALIZED (
  SELECT id FROM hdb_catalog.hdb_metadata WHERE id = 1 AND resource_version::bigint = $1 FOR SHARE
)
INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time)
SELECT rows.name, rows.at::timestamptz
FROM current, unnest($2::text[], $3::text[]) AS rows (name, at)
ON CONFLICT DO NOTHING
