-- Releases events without changing their state: $1 ids that this instance has had, $2 events.
UPDATE hdb_catalog.event_log SET locked = NULL, locked_by = NULL
WHERE id = ANY ($2) AND locked_by = ANY ($1)
