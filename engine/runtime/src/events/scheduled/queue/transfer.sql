-- After the instance lock was lost: assigns events still held by this instance to its new id. $1 new id, $2 key of the instance,
-- $3 events.
UPDATE hdb_catalog.{events} SET locked_by = $1
WHERE id = ANY ($3) AND locked_by >> 20 = $2 AND locked_by < $1
