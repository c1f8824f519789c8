-- Updates only the version that was read ($2). If the row was deleted manually, the version restarts at 1.
WITH updated AS (
  UPDATE hdb_catalog.hdb_metadata
  SET metadata = $1::text::json, resource_version = resource_version + 1
  WHERE id = 1 AND resource_version = $2::int8
  RETURNING resource_version
),
inserted AS (
  INSERT INTO hdb_catalog.hdb_metadata (id, metadata, resource_version)
  SELECT 1, $1::text::json, 1
  WHERE $2::int8 = 0
  ON CONFLICT DO NOTHING
  RETURNING resource_version
)
SELECT resource_version::int8 FROM updated
UNION ALL
SELECT resource_version::int8 FROM inserted
