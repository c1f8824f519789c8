-- Catalog of the database as one JSON document: one round trip, one consistent snapshot. Requires Postgres 13. System
-- schemas are left out; hdb_catalog is included, because event_log may be tracked. $1 and $2: schemas and names of the functions to read.
WITH RECURSIVE
-- Domains over domains are resolved to their base type.
domain_base AS (
  SELECT t.oid, t.typbasetype AS base FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
  UNION ALL
  SELECT d.oid, t.typbasetype
  FROM domain_base d
  JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype = 'd'
),
domains AS (
  SELECT d.oid, d.base FROM domain_base d
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_type i WHERE i.oid = d.base AND i.typtype = 'd')
),
-- Functions that may change tables, whatever their declared volatility is. Those of Postgres, which pg_depend does not contain, do
-- not, and functions in C are assumed not to.
changing_functions AS (
  SELECT f.oid FROM pg_catalog.pg_proc f
  JOIN pg_catalog.pg_language l ON l.oid = f.prolang
  WHERE l.lanname NOT IN ('internal', 'c')
),
-- Objects whose expressions call such a function, also as an operator.
calling_objects AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
  WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid IN (SELECT f.oid FROM changing_functions f)
  UNION
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_operator o ON o.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oprcode IN (SELECT f.oid FROM changing_functions f)
),
-- Tables whose changes call such a function: in a default, a generated column, a check, a domain, an index or a policy.
calling_tables AS (
  SELECT d.adrelid AS oid FROM pg_catalog.pg_attrdef d
  WHERE d.oid IN (SELECT o.objid FROM calling_objects o WHERE o.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass)
  UNION ALL
  SELECT k.conrelid FROM pg_catalog.pg_constraint k
  WHERE k.oid IN (SELECT o.objid FROM calling_objects o WHERE o.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass)
  UNION ALL
  SELECT a.attrelid FROM pg_catalog.pg_attribute a
  JOIN (SELECT b.oid, b.base AS part FROM domain_base b UNION ALL SELECT b.oid, b.oid FROM domain_base b) d ON d.oid = a.atttypid
  WHERE d.part IN (SELECT o.objid FROM calling_objects o WHERE o.classid = 'pg_catalog.pg_type'::pg_catalog.regclass)
    OR d.part IN (
      SELECT k.contypid FROM pg_catalog.pg_constraint k
      JOIN calling_objects o ON o.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND o.objid = k.oid)
  UNION ALL
  SELECT i.indrelid FROM pg_catalog.pg_index i
  WHERE i.indexrelid IN (SELECT o.objid FROM calling_objects o WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
  UNION ALL
  SELECT p.polrelid FROM pg_catalog.pg_policy p
  WHERE p.oid IN (SELECT o.objid FROM calling_objects o WHERE o.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass)
),
relations AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind,
         -- Bits as in CmdType: 4 update, 8 insert, 16 delete. `true`: INSTEAD OF triggers count.
         pg_catalog.pg_relation_is_updatable(c.oid, true) AS writable,
         c.relkind = 'p' OR c.relispartition OR c.relhassubclass
           OR c.oid IN (SELECT i.inhrelid FROM pg_catalog.pg_inherits i) AS inherits,
         c.relrowsecurity AS has_row_security,
         -- Uncorrelated: each is read once, not for each relation.
         c.relhasrules
           OR c.oid IN (SELECT t.oid FROM calling_tables t)
           OR c.oid IN (
             SELECT t.tgrelid FROM pg_catalog.pg_trigger t
             JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
             JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
             WHERE NOT t.tgisinternal AND fn.nspname <> 'hdb_catalog')
           OR c.oid IN (
             SELECT k.confrelid FROM pg_catalog.pg_constraint k
             WHERE k.contype = 'f' AND (k.confdeltype NOT IN ('a', 'r') OR k.confupdtype NOT IN ('a', 'r'))) AS has_side_effects,
         pg_catalog.obj_description(c.oid, 'pg_class') AS comment
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname <> 'information_schema'
    AND n.nspname !~ '^pg_'
),
functions AS (
  SELECT p.oid, n.nspname, p.proname, p.provolatile, p.proretset, p.provariadic <> 0 AS variadic, p.prorettype,
         coalesce((SELECT d.base FROM domains d WHERE d.oid = p.prorettype), p.prorettype) AS result,
         p.pronargs, p.pronargdefaults, p.proargtypes,
         -- The names include those of output arguments, the types do not.
         CASE WHEN p.proargmodes IS NULL THEN p.proargnames
           ELSE ARRAY(
             SELECT a.name FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY a (name, mode, position)
             WHERE a.mode IN ('i', 'b', 'v') ORDER BY a.position)
         END AS names
  FROM unnest($1::text[], $2::text[]) f (schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = f.schema
  JOIN pg_catalog.pg_proc p ON p.pronamespace = n.oid AND p.proname = f.name
  WHERE p.prokind = 'f'
    AND n.nspname <> 'information_schema'
    AND n.nspname !~ '^pg_'
),
arguments AS (
  SELECT f.oid, a.position, coalesce(d.base, a.type) AS type, f.names[a.position] AS name,
         a.position > f.pronargs - f.pronargdefaults AS has_default
  FROM functions f
  CROSS JOIN LATERAL unnest(f.proargtypes::oid[]) WITH ORDINALITY a (type, position)
  LEFT JOIN domains d ON d.oid = a.type
),
-- Only types that a column, an argument or a result has, the element types of arrays, and the types of the fields of composite types. A domain is
-- treated as its base type, as in Hasura: it has the operators of the base type, and Postgres checks its constraints when
-- a row is written.
used_types AS (
  SELECT DISTINCT coalesce(d.base, a.atttypid) AS oid
  FROM pg_catalog.pg_attribute a
  JOIN relations r ON r.oid = a.attrelid
  LEFT JOIN domains d ON d.oid = a.atttypid
  WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT a.type FROM arguments a
  UNION
  SELECT f.result FROM functions f
  UNION
  SELECT p.oid
  FROM used_types u
  JOIN pg_catalog.pg_type t ON t.oid = u.oid
  CROSS JOIN LATERAL (
    SELECT coalesce(d.base, t.typelem) AS oid
    FROM (VALUES (1)) one
    LEFT JOIN domains d ON d.oid = t.typelem
    WHERE t.typlen = -1 AND t.typelem <> 0
    UNION ALL
    SELECT coalesce(d.base, a.atttypid)
    FROM pg_catalog.pg_attribute a
    LEFT JOIN domains d ON d.oid = a.atttypid
    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  ) p
),
types AS (
  SELECT t.oid, t.typname, t.typtype,
         -- A type modifier of -1 and not NULL: `bpchar`, not `character`, which would cut values to one character.
         pg_catalog.format_type(t.oid, -1) AS sql,
         -- A "true" array has variable length; name and point can be subscripted too, but are not arrays.
         CASE WHEN t.typlen = -1 AND t.typelem <> 0 THEN coalesce(d.base, t.typelem) END AS element,
         t.typname AS base,
         -- pg_class row types have fields, too, but only those of composite types are values of columns.
         (SELECT json_agg(json_build_object('name', a.attname, 'type', coalesce(f.base, a.atttypid)::int8) ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a
          LEFT JOIN domains f ON f.oid = a.atttypid
          WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS fields,
         CASE WHEN t.typtype = 'b' AND n.nspname <> 'pg_catalog' AND NOT (t.typlen = -1 AND t.typelem <> 0)
           THEN json_build_object(
             'schema', n.nspname,
             'operators', (
               SELECT json_agg(DISTINCT o.oprname) FROM pg_catalog.pg_operator o
               WHERE o.oprleft = t.oid AND o.oprnamespace = t.typnamespace
             ),
             'aggregates', (
               SELECT json_agg(DISTINCT f.proname) FROM pg_catalog.pg_proc f
               WHERE f.prokind = 'a' AND f.pronargs = 1 AND f.proargtypes[0] = t.oid AND f.pronamespace = t.typnamespace
             ))
         END AS extension
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN domains d ON d.oid = t.typelem
  WHERE t.oid IN (SELECT u.oid FROM used_types u)
),
columns AS (
  SELECT a.attrelid, json_agg(json_build_object(
    'name', a.attname,
    'number', a.attnum,
    'type', coalesce(d.base, a.atttypid)::int8,
    'nullable', NOT (a.attnotnull OR t.typtype = 'd' AND t.typnotnull),
    'has_default', a.atthasdef OR a.attidentity <> '',
    'generated', a.attgenerated <> '' OR a.attidentity = 'a',
    'comment', pg_catalog.col_description(a.attrelid, a.attnum)
  ) ORDER BY a.attnum) AS list
  FROM pg_catalog.pg_attribute a
  JOIN relations r ON r.oid = a.attrelid
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN domains d ON d.oid = a.atttypid
  WHERE a.attnum > 0 AND NOT a.attisdropped
  GROUP BY a.attrelid
),
constraints AS (
  SELECT c.conrelid, json_agg(json_build_object(
    'name', c.conname,
    'kind', c.contype,
    'columns', (
      SELECT json_agg(a.attname ORDER BY k.position)
      FROM unnest(c.conkey) WITH ORDINALITY k (number, position)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
    ),
    'target', CASE c.contype WHEN 'f' THEN json_build_object('schema', tn.nspname, 'name', tc.relname) END,
    'target_columns', (
      SELECT json_agg(a.attname ORDER BY k.position)
      FROM unnest(c.confkey) WITH ORDINALITY k (number, position)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number
    )
  ) ORDER BY c.conname) AS list
  FROM pg_catalog.pg_constraint c
  JOIN relations r ON r.oid = c.conrelid
  LEFT JOIN pg_catalog.pg_class tc ON tc.oid = c.confrelid
  LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
  WHERE c.contype IN ('p', 'u', 'f')
  GROUP BY c.conrelid
)
SELECT json_build_object(
  'server_version', current_setting('server_version_num')::int,
  'types', (SELECT json_agg(json_build_object(
      'oid', t.oid::int8, 'name', t.typname, 'sql', t.sql, 'kind', t.typtype,
      'element', t.element::int8, 'base', t.base, 'fields', t.fields, 'extension', t.extension
    )) FROM types t),
  'tables', (SELECT json_agg(json_build_object(
      'oid', r.oid::int8, 'schema', r.nspname, 'name', r.relname, 'kind', r.relkind,
      'writable', r.writable,
      'inherits', r.inherits, 'has_side_effects', r.has_side_effects, 'has_row_security', r.has_row_security,
      'comment', r.comment, 'columns', c.list, 'constraints', k.list
    ))
    FROM relations r
    LEFT JOIN columns c ON c.attrelid = r.oid
    LEFT JOIN constraints k ON k.conrelid = r.oid),
  'functions', (SELECT json_agg(json_build_object(
      'oid', f.oid::int8, 'schema', f.nspname, 'name', f.proname,
      'volatility', f.provolatile, 'returns_set', f.proretset, 'variadic', f.variadic,
      'returned_kind', t.typtype, 'result', f.result::int8,
      'returned_table', CASE WHEN r.oid IS NOT NULL THEN json_build_object('schema', r.nspname, 'name', r.relname) END,
      'arguments', (
        SELECT json_agg(json_build_object(
          'name', a.name, 'type', a.type::int8, 'has_default', a.has_default,
          'table', CASE WHEN r.oid IS NOT NULL THEN json_build_object('schema', r.nspname, 'name', r.relname) END
        ) ORDER BY a.position)
        FROM arguments a
        JOIN pg_catalog.pg_type own ON own.oid = a.type
        LEFT JOIN relations r ON r.oid = own.typrelid
        WHERE a.oid = f.oid
      )) ORDER BY f.oid)
    FROM functions f
    JOIN pg_catalog.pg_type t ON t.oid = f.prorettype
    LEFT JOIN relations r ON r.oid = t.typrelid)
)::text
