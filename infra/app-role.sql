-- The role of the four functions: what their statements do (shared/src/steps, shared/src/gateway), column by column, and
-- nothing else. Can be applied again at any time; what was granted to the role before and is not below is taken back.
--
-- Needs schema.sql, and somebody who may create roles. Name and password are settings of the same session; the role is
-- called `app` where none is given, and keeps its password where none is given. The password may be a SCRAM secret
-- (`SCRAM-SHA-256$…`), so that no log sees the text:
--
--     psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 \
--       -c "SELECT set_config('threefactor.role', 'app', false), set_config('threefactor.password', '…', false)" \
--       -f infra/app-role.sql
--
-- With Hasura, apply it once more after Hasura's first start: only then is hdb_catalog there.

DO $do$
DECLARE
  name     CONSTANT text := coalesce(nullif(current_setting('threefactor.role', true), ''), 'app');
  password CONSTANT text := nullif(current_setting('threefactor.password', true), '');
  granted  text;
BEGIN
  IF EXISTS (
    SELECT FROM pg_roles
    WHERE rolname = name AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
  ) THEN
    RAISE EXCEPTION 'role "%" may do more than the functions should: choose another name', name;
  END IF;

  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
    EXECUTE format('CREATE ROLE %I NOINHERIT', name);
  END IF;
  EXECUTE format('ALTER ROLE %I LOGIN', name);
  IF password IS NOT NULL THEN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', name, password);
  END IF;

  -- Said here because pgBouncer drops what clients ask for at start-up. A function lives for ten seconds; its statement, and
  -- a transaction that it has left behind, end before.
  EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', name, '5s');
  EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', name, '10s');
  -- The steps find their rows by key, whatever the parameters: one plan a connection serves them all.
  EXECUTE format('ALTER ROLE %I SET plan_cache_mode = %L', name, 'force_generic_plan');

  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', name);
  EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', name);
  -- TEMPORARY: the steps keep their plans in temporary functions (shared/src/database/statement.rs).
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), name);
  FOREACH granted IN ARRAY ARRAY[
    'USAGE ON SCHEMA public',
    'SELECT ON orders, items, menu_items, restaurants, drivers, payments, assignment, order_history',
    'UPDATE (order_valid, problem, total, payment_valid, approved, driver_assigned) ON orders',
    'INSERT (order_id, type, amount, status, attempt, claim, claimed_at) ON payments',
    'UPDATE (status, card_last4, decline_code, claim, claimed_at) ON payments',
    'INSERT (order_id, driver_id), UPDATE (driver_id) ON assignment',
    'INSERT (order_id, step, outcome, event_id, attempt) ON order_history',
    -- A real gateway remembers its charges on its own side.
    'SELECT, INSERT (key, amount, card_last4, decline_code), UPDATE (key) ON simulated_gateway_charges'
  ] LOOP
    EXECUTE format('GRANT %s TO %I', granted, name);
  END LOOP;
  EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', pg_get_serial_sequence('payments', 'id'), name);

  -- Hasura's capture triggers run as whoever writes, so an order's next event is written by the function that moved it.
  -- (Our own engine's run as their owner and do not need this.)
  IF to_regclass('hdb_catalog.event_log') IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA hdb_catalog TO %I', name);
    EXECUTE format('GRANT INSERT ON hdb_catalog.event_log TO %I', name);
  END IF;
END $do$;
