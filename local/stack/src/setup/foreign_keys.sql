-- Single-column foreign keys within the schema public; each becomes two relationships.
SELECT child.relname, a.attname, parent.relname
FROM pg_constraint AS k
JOIN pg_class AS child ON child.oid = k.conrelid
JOIN pg_class AS parent ON parent.oid = k.confrelid
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f'
  AND cardinality(k.conkey) = 1
  AND child.relnamespace = 'public'::regnamespace
  AND parent.relnamespace = 'public'::regnamespace
ORDER BY child.relname, a.attname;
