-- Objects to track: every table and view of the schema public that does not belong to an extension; and whether its comment declares
-- it as an enum table.
SELECT c.relname, (coalesce(obj_description(c.oid, 'pg_class'), '') LIKE '%exposed as a GraphQL enum%')::text
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY c.relkind = 'v', c.relname;
