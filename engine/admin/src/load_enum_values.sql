-- Rows of the named enum tables as one JSON document. Tables of another form are left out: the catalog tells why they cannot be enum
-- tables. `query_to_xml` runs a statement composed here, in the snapshot of this one; hexadecimal text needs no escape in XML.
WITH enum_tables AS (
  SELECT n.nspname, c.relname, k.attname AS value,
         (SELECT pg_catalog.array_agg(a.attname ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnum <> k.attnum) AS others,
         pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
  FROM pg_catalog.json_to_recordset($1::json) AS named (schema text, name text)
  JOIN pg_catalog.pg_namespace n ON n.nspname = named.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = named.name
  JOIN pg_catalog.pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p' AND pg_catalog.cardinality(p.conkey) = 1
  JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid AND k.attnum = p.conkey[1]
)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
  'schema', t.nspname,
  'name', t.relname,
  'values', CASE WHEN t.readable THEN
    pg_catalog.convert_from(pg_catalog.decode(pg_catalog.substring(
      pg_catalog.query_to_xml(pg_catalog.format(
        $sql$
          SELECT pg_catalog.encode(pg_catalog.convert_to(
            coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(r.name, r.description)), '[]')::text, 'UTF8'), 'hex') AS hex
          FROM (
            SELECT pg_catalog.left(t.%1$I::text, $sql$ || ($2 + 1) || $sql$) AS name,
                   pg_catalog.left(%2$s, 1000) AS description
            FROM %3$I.%4$I t
            LIMIT $sql$ || ($3 + 1) || $sql$
          ) r
        $sql$,
        t.value,
        CASE WHEN t.others IS NULL THEN 'NULL' ELSE pg_catalog.format('t.%I::text', t.others[1]) END,
        t.nspname, t.relname
      ), false, true, '')::text,
      '<hex>([0-9a-f]*)</hex>'), 'hex'), 'UTF8')::json
  END
)), '[]')::text
FROM enum_tables t
WHERE t.others IS NULL OR pg_catalog.cardinality(t.others) = 1
