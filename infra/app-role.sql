-- The role of the four functions, with the rights that their statements need (shared/src/steps, shared/src/gateway), by
-- column, and no others. Can be applied repeatedly; rights on tables and sequences that are not listed below are revoked.
--
-- Requires schema.sql and a role that may create roles. Name and password are settings of the same session; the default
-- name is `app`, and without a password the present one is kept. The password may be a SCRAM secret (`SCRAM-SHA-256$…`),
-- so that no log contains the plain text:
--
--     psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 \
--       -c "SELECT set_config('threefactor.role', 'app', false), set_config('threefactor.password', '…', false)" \
--       -f infra/app-role.sql
--
-- With Hasura, apply it again after Hasura's first start, which creates hdb_catalog.

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
    RAISE EXCEPTION 'role "%" has more rights than the functions may have; choose another name', name;
  END IF;

  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
    EXECUTE format('CREATE ROLE %I NOINHERIT', name);
  END IF;
  EXECUTE format('ALTER ROLE %I LOGIN', name);
  IF password IS NOT NULL THEN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', name, password);
  END IF;

  -- Set here because pgBouncer ignores startup parameters of clients. A function runs for at most ten seconds; its
  -- statement, and a transaction that it left open, end earlier.
  EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', name, '5s');
  EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', name, '10s');
  -- The steps select their rows by key, whatever the parameters: one plan per connection is enough.
  EXECUTE format('ALTER ROLE %I SET plan_cache_mode = %L', name, 'force_generic_plan');

  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', name);
  EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', name);
  -- TEMPORARY: the steps cache their plans in temporary functions (shared/src/database/statement.rs).
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), name);
  FOREACH granted IN ARRAY ARRAY[
    'USAGE ON SCHEMA public',
    'SELECT ON orders, items, menu_items, restaurants, drivers, payments, assignment, order_history',
    'UPDATE (order_valid, problem, total, payment_valid, approved, driver_assigned) ON orders',
    'INSERT (order_id, type, amount, status, attempt, claim, claimed_at) ON payments',
    'UPDATE (status, card_last4, decline_code, claim, claimed_at) ON payments',
    'INSERT (order_id, driver_id), UPDATE (driver_id) ON assignment',
    'INSERT (order_id, step, outcome, event_id, attempt) ON order_history',
    -- A real gateway stores its charges itself.
    'SELECT, INSERT (key, amount, card_last4, decline_code), UPDATE (key) ON simulated_gateway_charges'
  ] LOOP
    EXECUTE format('GRANT %s TO %I', granted, name);
  END LOOP;
  EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', pg_get_serial_sequence('payments', 'id'), name);

  -- Hasura's event triggers run with the rights of the writing role, so the function that updates an order also writes its
  -- next event. (Those of this project's engine run with their owner's rights and do not need this.)
  IF to_regclass('hdb_catalog.event_log') IS NOT NULL THEN
    EXECUTE format('GRANT USAGE ON SCHEMA hdb_catalog TO %I', name);
    EXECUTE format('GRANT INSERT ON hdb_catalog.event_log TO %I', name);
  END IF;
END $do$;
