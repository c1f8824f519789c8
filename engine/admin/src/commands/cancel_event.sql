-- $1 event. No row: unknown. Otherwise its state: pending (it is archived now), archived, done or busy.
WITH asked AS (
  SELECT id, CASE
      WHEN archived THEN 'archived'
      WHEN delivered OR error THEN 'done'
      WHEN locked > now() - interval '30 minutes' THEN 'busy'
      ELSE 'pending'
    END AS state
  FROM hdb_catalog.event_log WHERE id = $1 FOR UPDATE
), changed AS (
  UPDATE hdb_catalog.event_log e SET archived = true
  FROM asked WHERE e.id = asked.id AND asked.state = 'pending'
)
SELECT state FROM asked
