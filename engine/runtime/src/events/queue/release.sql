-- Releases events without changing their state: $1 key of the instance, $2 events.
UPDATE hdb_catalog.event_log SET locked = NULL, locked_by = NULL
WHERE id = ANY ($2) AND locked_by >> 20 = $1
