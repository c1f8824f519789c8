-- Forgets the engines that are gone. Their events need no care: whoever is not listed here is not alive.
DELETE FROM hdb_catalog.instances i
WHERE NOT EXISTS (
  -- Not by trying the lock: this session holds its own, and trying that one would succeed.
  SELECT FROM pg_locks l
  WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = (i.id >> 32) & 4294967295 AND l.objid::bigint = i.id & 4294967295);
DELETE FROM hdb_catalog.engine_asleep WHERE instance NOT IN (SELECT id FROM hdb_catalog.instances);
