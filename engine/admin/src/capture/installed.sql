-- The capture functions in the database: name, body, and the table whose trigger calls the function. A function whose
-- trigger was dropped with its table has no table. Triggers that Postgres cloned to partitions have a parent and are ignored.
SELECT p.proname::text AS name, p.prosrc AS body, n.nspname::text AS schema_name, c.relname::text AS table_name
FROM pg_proc p
LEFT JOIN pg_trigger t ON t.tgfoid = p.oid AND t.tgparentid = 0
LEFT JOIN pg_class c ON c.oid = t.tgrelid
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE p.pronamespace = 'hdb_catalog'::regnamespace AND p.proname LIKE 'notify\_hasura\_%'
