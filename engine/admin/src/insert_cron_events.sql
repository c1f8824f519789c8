-- Inserts events of cron triggers: $1 names, $2 times.
INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time)
SELECT rows.name, rows.at::timestamptz FROM unnest($1::text[], $2::text[]) AS rows (name, at)
ON CONFLICT DO NOTHING
