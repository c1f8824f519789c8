-- Marks an event as dead: $1 key of the instance, $2 event.
UPDATE hdb_catalog.{events} SET status = 'dead', locked_by = NULL WHERE id = $2 AND locked_by >> 20 = $1
