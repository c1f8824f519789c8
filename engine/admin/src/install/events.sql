-- The event queue in the source database. Executed at every start in one transaction; idempotent.
-- Objects that clients read (event_log, event_invocation_logs, insert_event_log, gen_hasura_uuid) have Hasura's names and types.

-- Suppress notices about existing objects.
SET LOCAL client_min_messages = warning;

-- Two instances may start at the same time, and a concurrent CREATE OR REPLACE FUNCTION fails.
SELECT pg_advisory_xact_lock(hashtextextended('hdb_catalog.events', 0));

CREATE SCHEMA IF NOT EXISTS hdb_catalog;

CREATE OR REPLACE FUNCTION hdb_catalog.gen_hasura_uuid() RETURNS uuid
  LANGUAGE sql AS 'SELECT gen_random_uuid()';

CREATE TABLE IF NOT EXISTS hdb_catalog.event_log (
  id            text        PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  schema_name   text        NOT NULL,
  table_name    text        NOT NULL,
  trigger_name  text        NOT NULL,
  payload       jsonb       NOT NULL,
  delivered     boolean     NOT NULL DEFAULT false,
  error         boolean     NOT NULL DEFAULT false,
  tries         integer     NOT NULL DEFAULT 0,
  -- Without time zone, as in Hasura, but always UTC: the writer's session may use any time zone.
  created_at    timestamp   DEFAULT timezone('utc', now()),
  locked        timestamptz,
  next_retry_at timestamp,
  archived      boolean     NOT NULL DEFAULT false
);

-- Instance that holds the event; see `instances`.
ALTER TABLE hdb_catalog.event_log ADD COLUMN IF NOT EXISTS locked_by bigint;
ALTER TABLE hdb_catalog.event_log ALTER COLUMN created_at SET DEFAULT timezone('utc', now());

CREATE INDEX IF NOT EXISTS event_log_trigger_name_idx ON hdb_catalog.event_log (trigger_name);

-- Index of the queue. Hasura's index begins with `locked`, so that each claim leaves a dead entry at its front, where the
-- next claim starts to read. Without `locked` a claim changes no indexed column (a HOT update), and only the settlement
-- leaves a dead entry.
CREATE INDEX IF NOT EXISTS event_log_waiting_idx
  ON hdb_catalog.event_log (next_retry_at NULLS FIRST, created_at)
  WHERE NOT delivered AND NOT error AND NOT archived;
DROP INDEX IF EXISTS hdb_catalog.event_log_fetch_events;

-- Free space in each page for the row's next version (HOT), and frequent vacuum without cost delay.
ALTER TABLE hdb_catalog.event_log SET (
  fillfactor = 50,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);

CREATE TABLE IF NOT EXISTS hdb_catalog.event_invocation_logs (
  id         text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  event_id   text      REFERENCES hdb_catalog.event_log (id),
  status     integer,
  request    json,
  response   json,
  created_at timestamp DEFAULT timezone('utc', now())
);
CREATE INDEX IF NOT EXISTS event_invocation_logs_event_id_idx ON hdb_catalog.event_invocation_logs (event_id);

-- The running instances. Each holds an exclusive session advisory lock on its id: if that lock is free, the instance is
-- dead and its events may be claimed. Unlogged: after a crash of Postgres no instance holds an event.
CREATE UNLOGGED TABLE IF NOT EXISTS hdb_catalog.instances (
  id         bigint      PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now()
);

-- The instances that require a NOTIFY. Empty while they are awake, because a commit with a NOTIFY holds a server-wide lock
-- during its WAL flush. No index, and pages pruned early (fillfactor): capture triggers read it for each row.
CREATE UNLOGGED TABLE IF NOT EXISTS hdb_catalog.engine_asleep (
  instance bigint NOT NULL
) WITH (fillfactor = 10);

CREATE OR REPLACE FUNCTION hdb_catalog.insert_event_log(
  schema_name text, table_name text, trigger_name text, op text, row_data json
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  event_id text := gen_random_uuid();
BEGIN
  INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload)
  VALUES (event_id, $1, $2, $3, jsonb_build_object(
    'op', $4,
    'data', $5,
    -- After a transaction-local setting has been set once in a session, it reads as '' in later transactions.
    'session_variables', nullif(current_setting('hasura.user', true), '')::json,
    'trace_context', nullif(current_setting('hasura.tracecontext', true), '')::json));
  IF EXISTS (SELECT FROM hdb_catalog.engine_asleep) THEN
    PERFORM pg_notify('hasura_events', '');
  END IF;
  RETURN event_id;
END
$$;

-- Whether rows of these columns can be compared with `<>` (json, xml and some geometric types cannot). Determined by a
-- query: DISTINCT requires the same equality operators as the comparison of records.
CREATE OR REPLACE FUNCTION hdb_catalog.has_equality(relation regclass, columns text[])
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT DISTINCT %s FROM %s LIMIT 0',
    coalesce((SELECT string_agg(format('%I', name), ', ') FROM unnest(columns) AS name), '*'), relation);
  RETURN true;
EXCEPTION WHEN undefined_function THEN
  RETURN false;
END
$$;
