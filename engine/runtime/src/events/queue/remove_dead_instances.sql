-- Deletes rows of instances whose advisory lock is free. Their events become free as well: an instance without a row is dead.
DELETE FROM hdb_catalog.instances i
WHERE NOT EXISTS (
  -- Read from pg_locks instead of trying the lock: trying the lock of this session would succeed.
  SELECT FROM pg_locks l
  WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = (i.id >> 32) & 4294967295 AND l.objid::bigint = i.id & 4294967295);
DELETE FROM hdb_catalog.engine_asleep WHERE instance NOT IN (SELECT id FROM hdb_catalog.instances);
