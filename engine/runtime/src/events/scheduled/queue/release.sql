-- Releases events: $1 key of the instance, $2 events.
UPDATE hdb_catalog.{events} SET status = 'scheduled', locked_by = NULL
WHERE id = ANY ($2) AND status = 'locked' AND locked_by >> 20 = $1
