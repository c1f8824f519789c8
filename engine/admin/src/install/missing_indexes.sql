-- The indexes $1 of the tables $2 that do not exist, or that an interrupted build left invalid, with the size of their tables.
SELECT wanted.name, found.indexrelid IS NOT NULL AS invalid, pg_catalog.pg_relation_size(pg_catalog.to_regclass('hdb_catalog.' || wanted.of_table)) AS size
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS wanted (name, of_table)
LEFT JOIN pg_catalog.pg_index AS found ON found.indexrelid = pg_catalog.to_regclass('hdb_catalog.' || wanted.name)
WHERE pg_catalog.to_regclass('hdb_catalog.' || wanted.name) IS NULL OR NOT found.indisvalid
