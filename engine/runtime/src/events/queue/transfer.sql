-- After the instance lock was lost: assigns events still held by this instance to its new id. $1 new id, $2 former ids,
-- $3 events.
UPDATE hdb_catalog.event_log SET locked_by = $1
WHERE id = ANY ($3) AND locked_by = ANY ($2)
