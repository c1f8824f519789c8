-- After the lock was lost: what is still this engine's own goes on under its new id. $1 new id, $2 former ids, $3 events.
UPDATE hdb_catalog.event_log SET locked_by = $1
WHERE id = ANY ($3) AND locked_by = ANY ($2)
