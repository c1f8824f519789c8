-- The database roles of the functions, one per function, each with the rights that its statements need (shared/src/steps,
-- shared/src/gateway), by column, and no others: a function that faces the internet can neither approve nor assign. Can be applied
-- repeatedly; rights on tables and sequences that are not listed below are revoked, unless another role has granted them.
--
-- Requires schema.sql, and a role that may create roles, or roles of the functions that exist with LOGIN and all settings: then the
-- owner of the tables suffices, which on AWS is Hasura's role, after its task has created the others (infra/hasura.yaml). Passwords are
-- settings of the same session; without one, the present one is kept. A password may be a SCRAM secret (`SCRAM-SHA-256$…`), so that no log contains the plain text:
--
--     psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 \
--       -c "SELECT set_config('threefactor.password_fn_validate', '…', false), …" -f infra/function-roles.sql
--
-- The setting threefactor.role_suffix is added to each name, for several installations on one server. With threefactor.add_rights = true,
-- rights are added to the roles that exist, and none is revoked: what the running functions may do, and what those of the next release need.
--
-- With Hasura, apply it again when the event triggers exist: only then the functions may write events.

DO $do$
DECLARE
  previous CONSTANT text := pg_catalog.current_setting('search_path');
BEGIN
  -- Names are resolved in pg_catalog only: other roles may create objects in the schema public, and an overload that fits the
  -- arguments better than the built-in function would run with the rights of this privileged role.
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- A nested block, because DECLARE evaluates its expressions before the first statement.
  DECLARE
    suffix   CONSTANT text := coalesce(current_setting('threefactor.role_suffix', true), '');
    adds     CONSTANT boolean := coalesce(current_setting('threefactor.add_rights', true), '') = 'true';
    -- Whether the current role may create roles and change their attributes.
    administers CONSTANT boolean := (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user);
    -- Set on the roles because pgBouncer ignores startup parameters of clients.
    settings CONSTANT text[] := ARRAY[
      -- A function runs for at most ten seconds; its statement, and a transaction that it left open, end earlier.
      'statement_timeout=5s', 'idle_in_transaction_session_timeout=10s',
      -- The steps select their rows by key, whatever the parameters: one plan per prepared statement is enough.
      'plan_cache_mode=force_generic_plan',
      -- A plan that was made while a table was small reads it whole, also when it has grown a thousandfold a minute later. The
      -- estimated cost of a table without a usable index would start the compiler.
      'enable_seqscan=off', 'jit=off'
    ];
    setting  text;
    captures_as_writer boolean;
    old      text;
    wanted   record;
    held     record;
    name     text;
    password text;
    granted  text;
  BEGIN
    -- Postgres 13 and 14 allow every role to create objects in the schema public.
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;

    -- Whether capture functions of event triggers run with the rights of the writing role, as Hasura's do. Those of this project's
    -- engine run with their owner's rights.
    captures_as_writer := EXISTS (
      SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
      WHERE p.pronamespace = to_regnamespace('hdb_catalog') AND NOT p.prosecdef
    );

    -- Earlier versions had one role for all functions. A role of the same name without its settings is another one.
    old := 'app' || suffix;
    IF NOT adds AND EXISTS (
      SELECT FROM pg_roles AS r JOIN pg_db_role_setting AS s ON s.setrole = r.oid
      WHERE r.rolname = old AND s.setdatabase = 0
        AND s.setconfig && ARRAY['plan_cache_mode=force_generic_plan', 'statement_timeout=5s']
    ) THEN
      EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', old);
      EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', old);
      IF to_regnamespace('hdb_catalog') IS NOT NULL THEN
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA hdb_catalog FROM %I', old);
        EXECUTE format('REVOKE ALL ON SCHEMA hdb_catalog FROM %I', old);
      END IF;
      BEGIN
        IF (SELECT rolcanlogin FROM pg_roles WHERE rolname = old) THEN
          EXECUTE format('ALTER ROLE %I NOLOGIN', old);
        END IF;
      EXCEPTION WHEN insufficient_privilege THEN
        RAISE WARNING 'role "%" of an earlier version can still log in; drop it as a superuser', old;
      END;
    END IF;

    FOR wanted IN
      SELECT *
      FROM (VALUES
        ('fn_validate', ARRAY[
          'SELECT ON public.orders, public.items, public.menu_items, public.restaurants, public.opening_hours',
          'UPDATE (order_valid, problem, total) ON public.orders',
          'INSERT (order_id, step, outcome, event_id, attempt, trace_id) ON public.order_history'
        ]),
        ('fn_payment', ARRAY[
          'SELECT (order_id, trace_id, user_id, total, problem, order_valid, payment_valid, closed, status) ON public.orders',
          'UPDATE (payment_valid) ON public.orders',
          'SELECT ON public.payments',
          'INSERT (order_id, type, amount, status, attempt, claim, claimed_at, payer, idempotency_key) ON public.payments',
          'UPDATE (status, card_last4, decline_code, claim, claimed_at, idempotency_key) ON public.payments',
          'USAGE ON SEQUENCE ' || pg_get_serial_sequence('public.payments', 'id'),
          'SELECT (order_id, step, outcome), INSERT (order_id, step, outcome, event_id, attempt, trace_id) ON public.order_history',
          -- A real gateway stores its charges itself.
          'SELECT, INSERT (key, amount, card_last4, decline_code, card_hash), UPDATE (key) ON public.simulated_gateway_charges',
          -- Deadlines, which a trigger sets.
          'SELECT ON public.workflow_settings'
        ]),
        ('fn_approval', ARRAY[
          'SELECT (order_id, trace_id, restaurant_id, problem, order_valid, payment_valid, approved, closed) ON public.orders',
          'UPDATE (approved) ON public.orders',
          'SELECT ON public.restaurants, public.workflow_settings',
          'SELECT (order_id, step, outcome), INSERT (order_id, step, outcome, event_id, attempt, trace_id) ON public.order_history'
        ]),
        ('fn_assign', ARRAY[
          'SELECT (order_id, trace_id, problem, order_valid, payment_valid, approved, driver_assigned, closed, reassignments) ON public.orders',
          'UPDATE (driver_assigned) ON public.orders',
          'SELECT ON public.drivers, public.assignment, public.declined_assignments, public.workflow_settings',
          'SELECT (assign_by) ON public.orders',
          'INSERT (order_id, driver_id, accepted, accept_by), UPDATE (driver_id) ON public.assignment',
          'SELECT (order_id, step, outcome), INSERT (order_id, step, outcome, event_id, attempt, trace_id) ON public.order_history'
        ]),
        ('fn_refund', ARRAY[
          'SELECT (order_id, trace_id, closed, status, payment_valid) ON public.orders',
          -- An attempt whose request died is settled with the result of the gateway.
          'UPDATE (payment_valid) ON public.orders',
          'SELECT (created) ON public.orders',
          'SELECT (id, order_id, amount, attempt, status, decline_code, idempotency_key, claim, claimed_at) ON public.payments',
          'UPDATE (status, card_last4, decline_code, claim, claimed_at) ON public.payments',
          'SELECT, INSERT (payment_id, order_id, amount, key), UPDATE (status, refunded) ON public.refunds',
          'USAGE ON SEQUENCE ' || pg_get_serial_sequence('public.refunds', 'id'),
          'SELECT (order_id, step, outcome), INSERT (order_id, step, outcome, event_id, attempt, trace_id) ON public.order_history',
          -- A real gateway stores its refunds itself.
          'SELECT ON public.simulated_gateway_charges',
          'SELECT, INSERT (key, charge_key, amount), UPDATE (key) ON public.simulated_gateway_refunds'
        ]),
        ('fn_expire', ARRAY[
          'SELECT ON public.workflow_settings, public.drivers, public.assignment, public.declined_assignments',
          'SELECT (order_id, trace_id, created, problem, payment_valid, approved, driver_assigned, food_picked, closed, pay_by, answer_by, '
            || 'assign_by, reassignments, refund_requests) ON public.orders',
          'UPDATE (expired, close_reason, driver_assigned, assign_by, reassignments, refund_requests) ON public.orders',
          'SELECT (id, order_id, status, claimed_at) ON public.payments',
          'SELECT (payment_id) ON public.refunds',
          -- Figures of past hours: states, times and amounts of their orders.
          'SELECT (restaurant_id, total, delivered, cancelled, rejected, expired, delivery_failed) ON public.orders',
          'SELECT (amount) ON public.payments', 'SELECT (amount, status) ON public.refunds', 'SELECT (at) ON public.order_history',
          'SELECT, INSERT, DELETE ON figures.hours, figures.late_changes',
          'SELECT, INSERT, UPDATE, DELETE ON figures.restaurant_hours, figures.reached',
          'UPDATE (declined), DELETE ON public.assignment',
          'INSERT (order_id, driver_id) ON public.declined_assignments',
          'SELECT (order_id, step, outcome), INSERT (order_id, step, outcome, event_id, attempt, trace_id) ON public.order_history'
        ]),
        -- It only reads: states and times, no customer, no address and no payment.
        ('fn_watch', ARRAY[
          'SELECT (look_back) ON public.workflow_settings',
          'SELECT (created, next_step, since, last_outcome) ON public.stuck_orders',
          'SELECT (created) ON public.orders',
          'SELECT (order_id, at, outcome) ON public.order_history',
          'EXECUTE ON FUNCTION public.event_backlog()'
        ]),
        ('fn_login', ARRAY[
          'USAGE ON SCHEMA identity',
          'SELECT (username, role, restaurant_id, driver_id) ON identity.accounts'
        ])
      ) AS list (role, rights)
    LOOP
      name := wanted.role || suffix;
      password := nullif(current_setting('threefactor.password_' || wanted.role, true), '');
      IF EXISTS (
        SELECT FROM pg_roles
        WHERE rolname = name AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
      ) THEN
        RAISE EXCEPTION 'role "%" has more rights than a function may have; choose another name', name;
      END IF;

      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        -- The role of a new function is created with its password, after its secret.
        CONTINUE WHEN adds;
        IF NOT administers THEN
          RAISE EXCEPTION 'role "%" does not exist, and role "%" may not create it; create it with LOGIN, its password and the settings %',
            name, current_user, settings;
        END IF;
        EXECUTE format('CREATE ROLE %I NOINHERIT', name);
      END IF;
      IF administers THEN
        EXECUTE format('ALTER ROLE %I LOGIN', name);
        IF password IS NOT NULL THEN
          EXECUTE format('ALTER ROLE %I PASSWORD %L', name, password);
        END IF;
        FOREACH setting IN ARRAY settings LOOP
          EXECUTE format('ALTER ROLE %I SET %I = %L', name, split_part(setting, '=', 1), split_part(setting, '=', 2));
        END LOOP;
      ELSIF password IS NOT NULL THEN
        RAISE EXCEPTION 'role "%" may not set the password of role "%"; set it as a role that may create roles', current_user, name;
      -- While the code of the previous release runs, what a new one sets is still missing.
      ELSIF NOT adds AND NOT EXISTS (
        SELECT FROM pg_roles WHERE rolname = name AND rolcanlogin AND coalesce(rolconfig, ARRAY[]::text[]) @> settings
      ) THEN
        RAISE EXCEPTION 'role "%" lacks LOGIN or one of the settings %, and role "%" may not change it; do so as a role that may create roles',
          name, settings, current_user;
      END IF;

      -- Object by object: of a table of another role nothing can be revoked, and the attempt would be an error.
      FOR held IN
        SELECT n.nspname, c.relname, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE NOT adds AND n.nspname IN ('public', 'identity', 'figures') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND EXISTS (
            SELECT FROM (
              SELECT a.grantee, a.grantor FROM aclexplode(c.relacl) AS a
              UNION ALL
              SELECT a.grantee, a.grantor FROM pg_attribute AS t, aclexplode(t.attacl) AS a WHERE t.attrelid = c.oid
            ) AS granted
            WHERE granted.grantee = (SELECT oid FROM pg_roles WHERE rolname = name)
              AND (pg_has_role(c.relowner, 'USAGE') OR pg_has_role(granted.grantor, 'USAGE'))
          )
      LOOP
        EXECUTE format('REVOKE ALL ON %s %I.%I FROM %I', held.kind, held.nspname, held.relname, name);
      END LOOP;
      IF NOT adds THEN
        EXECUTE format('REVOKE ALL ON SCHEMA identity, figures FROM %I', name);
        -- Granted by earlier versions, whose steps created temporary functions.
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM %I', current_database(), name);
      END IF;
      EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), name);
      EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
      FOREACH granted IN ARRAY wanted.rights LOOP
        EXECUTE format('GRANT %s TO %I', granted, name);
      END LOOP;

      -- A function that changes an order or its money after its hour was summed up notes that (schema.sql, note_late_change).
      IF wanted.role IN ('fn_validate', 'fn_payment', 'fn_refund', 'fn_expire') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA figures TO %I', name);
        EXECUTE format('GRANT INSERT ON figures.late_changes TO %I', name);
      END IF;

      -- The function that updates an order then also writes its next event. Without that, it must not be able to invent events.
      IF to_regnamespace('hdb_catalog') IS NOT NULL THEN
        IF NOT adds THEN
          EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA hdb_catalog FROM %I', name);
          EXECUTE format('REVOKE ALL ON SCHEMA hdb_catalog FROM %I', name);
        END IF;
        IF captures_as_writer AND wanted.role NOT IN ('fn_login', 'fn_watch') THEN
          EXECUTE format('GRANT USAGE ON SCHEMA hdb_catalog TO %I', name);
          EXECUTE format('GRANT INSERT ON hdb_catalog.event_log TO %I', name);
        END IF;
      END IF;
    END LOOP;
  END;
  PERFORM pg_catalog.set_config('search_path', previous, true);
END $do$;
