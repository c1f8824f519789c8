-- The engine's role of a local database: owner of the application's objects, but not a superuser. Its name and password are the
-- settings threefactor.engine_role and threefactor.engine_password of the transaction. Can be applied repeatedly. Objects that a
-- superuser created before, as earlier versions did, are handed over to it.
--
-- It runs as superuser in a database in which the engine's role can create functions and operators. Names are therefore resolved
-- in pg_catalog only: with another search_path, an overload in the schema public that fits the arguments better than the built-in
-- function would run with the superuser's rights.
DO $do$
DECLARE
  previous CONSTANT text := pg_catalog.current_setting('search_path');
BEGIN
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- A nested block, because DECLARE evaluates its expressions before the first statement.
  DECLARE
    name     CONSTANT text := current_setting('threefactor.engine_role');
    password CONSTANT text := current_setting('threefactor.engine_password');
    myself   CONSTANT oid  := (SELECT oid FROM pg_roles WHERE rolname = current_user);
    command  text;
  BEGIN
    IF EXISTS (
      SELECT FROM pg_roles
      WHERE rolname = name AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
    ) THEN
      RAISE EXCEPTION 'role "%" has more rights than the engine may have; choose another name', name;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I', name);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', name, password);
    -- CREATE on the database also permits trusted extensions, such as pgcrypto.
    EXECUTE format('GRANT ALL ON DATABASE %I TO %I', current_database(), name);
    EXECUTE format('GRANT ALL ON SCHEMA public TO %I', name);
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    -- What the superuser creates from now on, for example with psql, is usable at once and handed over at the next start.
    EXECUTE format('ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO %I', name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO %I', name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO %I', name);

    FOR command IN
      WITH own_schema AS (
        SELECT oid, nspname
        FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      ),
      -- Members of extensions belong to their extension; sequences of columns follow their table.
      dependent AS (
        SELECT classid, objid
        FROM pg_depend
        WHERE deptype = 'e' OR (classid = 'pg_class'::regclass AND refobjsubid > 0 AND deptype IN ('a', 'i'))
      )
      SELECT format('ALTER SCHEMA %I OWNER TO %I', n.nspname, name)
      FROM own_schema AS n JOIN pg_namespace AS o USING (oid)
      WHERE n.nspname <> 'public' AND o.nspowner = myself
      UNION ALL
      SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, name)
      FROM pg_class AS c JOIN own_schema AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner = myself
        AND NOT EXISTS (SELECT FROM dependent AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid)
      UNION ALL
      SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, name)
      FROM pg_proc AS p JOIN own_schema AS n ON n.oid = p.pronamespace
      WHERE p.prokind IN ('f', 'p') AND p.proowner = myself
        AND NOT EXISTS (SELECT FROM dependent AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid)
      UNION ALL
      SELECT format('ALTER TYPE %s OWNER TO %I', t.oid::regtype, name)
      FROM pg_type AS t JOIN own_schema AS n ON n.oid = t.typnamespace
      WHERE t.typtype IN ('d', 'e', 'r') AND t.typowner = myself
        AND NOT EXISTS (SELECT FROM dependent AS d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid)
    LOOP
      EXECUTE command;
    END LOOP;
  END;
  PERFORM pg_catalog.set_config('search_path', previous, true);
END $do$;
