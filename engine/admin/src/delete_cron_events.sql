-- Deletes the upcoming events of cron triggers: $1 names. Those that are due or were tried remain.
DELETE FROM hdb_catalog.hdb_cron_events WHERE trigger_name = ANY ($1) AND scheduled_time > now() AND tries = 0
