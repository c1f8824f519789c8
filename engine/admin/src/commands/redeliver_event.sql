-- $1 event. Three results: no row (unknown), busy, or not busy.
WITH asked AS (
  SELECT id, coalesce(locked > now() - interval '30 minutes', false) AS busy
  FROM hdb_catalog.event_log WHERE id = $1 FOR UPDATE
), changed AS (
  UPDATE hdb_catalog.event_log e SET delivered = false, error = false, tries = 0
  FROM asked WHERE e.id = asked.id AND NOT asked.busy
)
SELECT busy FROM asked
