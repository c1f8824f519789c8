-- Hands events back untouched: $1 the ids this engine has had, $2 events.
UPDATE hdb_catalog.event_log SET locked = NULL, locked_by = NULL
WHERE id = ANY ($2) AND locked_by = ANY ($1)
