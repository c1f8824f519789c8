-- The event queue in the source database. Executed at every start in one transaction; idempotent. Its indexes are in indexes.rs.
-- Objects that clients read (event_log, event_invocation_logs, insert_event_log, gen_hasura_uuid) have Hasura's names and types.

-- Suppress notices about existing objects.
SET LOCAL client_min_messages = warning;

-- Two instances may start at the same time, and a concurrent CREATE OR REPLACE FUNCTION fails.
SELECT pg_advisory_xact_lock(hashtextextended('hdb_catalog.events', 0));

CREATE SCHEMA IF NOT EXISTS hdb_catalog;

CREATE OR REPLACE FUNCTION hdb_catalog.gen_hasura_uuid() RETURNS uuid
  LANGUAGE sql AS 'SELECT gen_random_uuid()';

-- An id whose order is that of time (UUID version 7): entries of new events are adjacent in the indexes on ids, so that few
-- pages change and each is written to the WAL once per checkpoint.
CREATE OR REPLACE FUNCTION hdb_catalog.new_event_id() RETURNS text
  LANGUAGE sql AS $$
  SELECT (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') || '-7'
    || substr(gen_random_uuid()::text, 16))::uuid::text
$$;

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

DO $$
BEGIN
  -- With checks before each ALTER TABLE, because it locks the table in any case, and every write of an event waits behind it.
  -- Instance that holds the event; see `instances`.
  IF NOT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = 'hdb_catalog.event_log'::regclass AND attname = 'locked_by' AND NOT attisdropped
  ) THEN
    ALTER TABLE hdb_catalog.event_log ADD COLUMN locked_by bigint;
  END IF;
  -- The payload as it is delivered, for an event that jsonb cannot represent; `payload` is then the nearest value.
  IF NOT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = 'hdb_catalog.event_log'::regclass AND attname = 'exact_payload' AND NOT attisdropped
  ) THEN
    ALTER TABLE hdb_catalog.event_log ADD COLUMN exact_payload json;
  END IF;
  IF (
    SELECT pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attrdef d
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE d.adrelid = 'hdb_catalog.event_log'::regclass AND a.attname = 'created_at'
  ) IS DISTINCT FROM 'timezone(''utc''::text, now())' THEN
    ALTER TABLE hdb_catalog.event_log ALTER COLUMN created_at SET DEFAULT timezone('utc', now());
  END IF;
END
$$;

-- Free space in each page for the row's next version (HOT), and frequent vacuum without cost delay.
DO $$
DECLARE
  options CONSTANT text[] := ARRAY['fillfactor=50', 'autovacuum_vacuum_threshold=2000', 'autovacuum_vacuum_scale_factor=0.01',
    'autovacuum_analyze_threshold=5000', 'autovacuum_vacuum_cost_delay=0'];
BEGIN
  -- Not without this check, because the statement waits for a vacuum of the table.
  IF NOT EXISTS (SELECT FROM pg_class WHERE oid = 'hdb_catalog.event_log'::regclass AND reloptions @> options) THEN
    EXECUTE format('ALTER TABLE hdb_catalog.event_log SET (%s)', array_to_string(options, ', '));
  END IF;
END
$$;

CREATE TABLE IF NOT EXISTS hdb_catalog.event_invocation_logs (
  id           text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  event_id     text,
  status       integer,
  request      json,
  response     json,
  created_at   timestamp DEFAULT timezone('utc', now()),
  -- Set when the event is deleted and its calls are kept.
  trigger_name text
);
DO $$
DECLARE
  key name;
BEGIN
  -- As in Hasura since version 2.13: the calls of a deleted event can be kept, so there is no foreign key. With checks before
  -- ALTER TABLE, because it locks the table in any case.
  IF NOT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = 'hdb_catalog.event_invocation_logs'::regclass AND attname = 'trigger_name' AND NOT attisdropped
  ) THEN
    ALTER TABLE hdb_catalog.event_invocation_logs ADD COLUMN trigger_name text;
  END IF;
  FOR key IN
    SELECT conname FROM pg_constraint
    WHERE conrelid = 'hdb_catalog.event_invocation_logs'::regclass AND contype = 'f' AND confrelid = 'hdb_catalog.event_log'::regclass
  LOOP
    EXECUTE format('ALTER TABLE hdb_catalog.event_invocation_logs DROP CONSTRAINT %I', key);
  END LOOP;
  -- Not without this check, because ALTER TABLE locks the table in any case.
  IF EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'hdb_catalog.event_invocation_logs'::regclass AND conname = 'event_invocation_logs_pkey'
  ) THEN
    BEGIN
      ALTER TABLE hdb_catalog.event_invocation_logs DROP CONSTRAINT event_invocation_logs_pkey;
      ALTER TABLE hdb_catalog.event_invocation_logs ALTER COLUMN id SET NOT NULL;
      -- So that rows can be deleted although a publication of all tables exists.
      ALTER TABLE hdb_catalog.event_invocation_logs REPLICA IDENTITY FULL;
    EXCEPTION WHEN dependent_objects_still_exist OR lock_not_available THEN
      -- A view or a foreign key of the application needs it, or the next start drops it.
      NULL;
    END;
  END IF;
END
$$;

-- Scheduled clean-ups of event logs (`cleanup_config`). The unique key assigns each of them to one engine.
CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_event_log_cleanups (
  id                            text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  trigger_name                  text      NOT NULL,
  scheduled_at                  timestamp NOT NULL,
  deleted_event_logs            integer,
  deleted_event_invocation_logs integer,
  status                        text      NOT NULL CHECK (status IN ('scheduled', 'paused', 'completed', 'dead')),
  UNIQUE (trigger_name, scheduled_at)
);

-- Request of a call as it was sent. The log of a delivered event does not contain what the row of the event contains. It is
-- recognised by its text: the operators of json fail if an event contains an escape that the database's encoding cannot hold.
CREATE OR REPLACE FUNCTION hdb_catalog.logged_request(request json, event hdb_catalog.event_log)
RETURNS json LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN request::text ~ '^{"payload":{"delivery_info":{[^{}]*}},"headers":[[]],"version":"2"}$' THEN json_build_object(
      'payload', json_build_object(
        'created_at', (to_json(event.created_at) #>> '{}') || 'Z',
        'delivery_info', request #> '{payload,delivery_info}',
        'event', coalesce(event.exact_payload, event.payload::json),
        'id', event.id,
        'table', json_build_object('name', event.table_name, 'schema', event.schema_name),
        'trigger', json_build_object('name', event.trigger_name)),
      'headers', request -> 'headers',
      'version', request -> 'version')
    ELSE request
  END
$$;

-- Reason why a call failed. The operators of json fail if a response contains an escape that the database's encoding cannot
-- hold.
CREATE OR REPLACE FUNCTION hdb_catalog.failure_reason(status integer, response json)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE response ->> 'type'
    WHEN 'client_error' THEN response #>> '{data,message}'
    ELSE 'the webhook responded with status ' || status
  END;
EXCEPTION WHEN OTHERS THEN
  RETURN 'the last call ended with status ' || status;
END
$$;

-- Events that were given up, with their last call. Like a table, the view can be tracked and permitted to a role. It is created
-- again only if the fingerprint of its definition differs, because CREATE VIEW waits for the queries that read the view.
DO $do$
DECLARE
  definition CONSTANT text := $view$
    SELECT e.id, e.trigger_name, e.schema_name, e.table_name, e.payload ->> 'op' AS op, e.tries,
      e.created_at AT TIME ZONE 'UTC' AS created_at,
      last.created_at AT TIME ZONE 'UTC' AS failed_at,
      floor(date_part('epoch', now() - e.created_at AT TIME ZONE 'UTC'))::bigint AS age_seconds,
      last.status AS last_status,
      hdb_catalog.failure_reason(last.status, last.response) AS reason,
      last.response AS last_response
    FROM hdb_catalog.event_log e
    LEFT JOIN LATERAL (
      SELECT l.status, l.response, l.created_at FROM hdb_catalog.event_invocation_logs l
      WHERE l.event_id = e.id
      ORDER BY l.created_at DESC, l.id LIMIT 1
    ) AS last ON true
    WHERE e.error AND NOT e.archived
  $view$;
  description CONSTANT text := 'Events that were given up, with their last call. [' || left(md5(definition), 8) || ']';
BEGIN
  IF obj_description(to_regclass('hdb_catalog.failed_events'), 'pg_class') IS DISTINCT FROM description THEN
    EXECUTE 'CREATE OR REPLACE VIEW hdb_catalog.failed_events AS ' || definition;
    EXECUTE format('COMMENT ON VIEW hdb_catalog.failed_events IS %L', description);
  END IF;
END
$do$;

-- The running instances. Each holds an exclusive session advisory lock on its id: if that lock is free, the instance is
-- dead and its events may be claimed. Unlogged: after a crash of Postgres no instance holds an event.
CREATE UNLOGGED TABLE IF NOT EXISTS hdb_catalog.instances (
  id         bigint      PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now()
);

-- The instances that require a NOTIFY. Empty while they poll under load, because a commit with a NOTIFY holds a server-wide
-- lock during its WAL flush. No index, and pages pruned early (fillfactor): capture triggers read it for each row.
CREATE UNLOGGED TABLE IF NOT EXISTS hdb_catalog.engine_asleep (
  instance bigint NOT NULL
) WITH (fillfactor = 10);

-- Whether jsonb accepts the text: it is stricter than json in numbers, Unicode escapes and sizes.
CREATE OR REPLACE FUNCTION hdb_catalog.is_jsonb(document text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN document::jsonb IS NOT NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END
$$;

-- The jsonb value that is nearest to a json value: a number that `numeric` cannot hold becomes a string, an escape that the
-- database's encoding cannot hold (NUL, half of a surrogate pair) a replacement character. What still does not fit, such as
-- a string of more than 256 MB, becomes null.
CREATE OR REPLACE FUNCTION hdb_catalog.nearest_jsonb(document json)
RETURNS jsonb LANGUAGE plpgsql SET standard_conforming_strings = on AS $$
DECLARE
  replacement text := CASE current_setting('server_encoding') WHEN 'UTF8' THEN '\ufffd' ELSE '?' END;
  nearest text;
BEGIN
  IF hdb_catalog.is_jsonb(document::text) THEN
    RETURN document::jsonb;
  END IF;
  SELECT string_agg(
    CASE
      WHEN token LIKE '"%' AND position('\u' IN token) > 0 THEN (
        SELECT string_agg(
          CASE WHEN part LIKE '\\u%' AND NOT hdb_catalog.is_jsonb('"' || part || '"') THEN replacement ELSE part END,
          '' ORDER BY part_number)
        FROM regexp_matches(token,
          '\\u[dD][89abAB][[:xdigit:]]{2}\\u[dD][c-fC-F][[:xdigit:]]{2}|\\u[[:xdigit:]]{4}|\\[^u]|[^\\]+', 'g')
          WITH ORDINALITY AS parts (matched, part_number),
          LATERAL (SELECT matched[1]) AS one (part))
      WHEN token ~ '^[-0-9]' AND (token ~ '[eE]' OR length(token) > 1000) AND NOT hdb_catalog.is_jsonb(token) THEN '"' || token || '"'
      ELSE token
    END, '' ORDER BY token_number)
  INTO nearest
  FROM regexp_matches(document::text, '"(?:[^"\\]|\\.)*"|-?[0-9][-+.0-9eE]*|[^"0-9-]+', 'g')
    WITH ORDINALITY AS tokens (matched, token_number),
    LATERAL (SELECT matched[1]) AS one (token);
  RETURN nearest::jsonb;
EXCEPTION WHEN OTHERS THEN
  RETURN 'null';
END
$$;

-- The JSON value of a text, or null.
CREATE OR REPLACE FUNCTION hdb_catalog.json_or_null(document text)
RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  RETURN document::json;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$$;

-- Content of an event that is too large instead of its rows: their primary keys, unless a key is longer than 1000 bytes.
CREATE OR REPLACE FUNCTION hdb_catalog.keys_of_rows(schema_name text, table_name text, row_data json)
RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  RETURN (
    SELECT json_object_agg(side.name, CASE json_typeof(row_data -> side.name) WHEN 'object' THEN (
      SELECT json_object_agg(a.attname, row_data -> side.name -> a.attname::text)
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
      WHERE n.nspname = $1 AND c.relname = $2 AND octet_length(row_data -> side.name ->> a.attname::text) <= 1000
    ) END)
    FROM (VALUES ('old'), ('new')) AS side (name));
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$$;

-- The value of an event that is too large.
CREATE OR REPLACE FUNCTION hdb_catalog.refuse_payload()
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the event is too large' USING ERRCODE = 'program_limit_exceeded';
END
$$;

-- Writes an event: manual ones, and those that a capture function cannot write itself, because they are too large or because
-- jsonb cannot represent them. Each event is stored once, and is bounded: the rows by `max_payload_bytes` (HASURA_GRAPHQL_EVENTS_MAX_PAYLOAD_BYTES, as JSON
-- text), session variables and trace context by 32 KiB each. The write succeeds in any case: a larger event contains the primary
-- keys only, and the reason why the engine does not deliver it.
CREATE OR REPLACE FUNCTION hdb_catalog.insert_event_log(
  schema_name text, table_name text, trigger_name text, op text, row_data json
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  event_id text := hdb_catalog.new_event_id();
  session_variables text;
  trace_context text;
  undeliverable jsonb := '{}';
  nearest jsonb;
  exact json;
BEGIN
  -- Without a write, the block's subtransaction does not consume a transaction id. All in one expression: this runs for each row.
  BEGIN
    nearest := CASE
      -- The size of the value in memory, which is not compressed.
      WHEN pg_column_size($5) <= hdb_catalog.max_payload_bytes()
        AND coalesce(octet_length(current_setting('hasura.user', true)), 0) <= 32768
        AND coalesce(octet_length(current_setting('hasura.tracecontext', true)), 0) <= 32768
      -- After a transaction-local setting has been set once in a session, it reads as '' in later transactions.
      THEN jsonb_build_object(
        'op', $4,
        'data', $5,
        'session_variables', nullif(current_setting('hasura.user', true), '')::json,
        'trace_context', nullif(current_setting('hasura.tracecontext', true), '')::json)
      ELSE hdb_catalog.refuse_payload()
    END;
  EXCEPTION WHEN OTHERS THEN
    session_variables := nullif(current_setting('hasura.user', true), '');
    trace_context := nullif(current_setting('hasura.tracecontext', true), '');
    IF pg_column_size(row_data) > hdb_catalog.max_payload_bytes() THEN
      undeliverable := jsonb_build_object('undeliverable',
        format('the rows of the event have %s bytes; the limit is %s bytes (HASURA_GRAPHQL_EVENTS_MAX_PAYLOAD_BYTES)',
          octet_length(row_data::text), hdb_catalog.max_payload_bytes()));
      row_data := hdb_catalog.keys_of_rows(schema_name, table_name, row_data);
    END IF;
    IF octet_length(session_variables) > 32768 THEN
      session_variables := json_build_object(
        'truncated', format('the session variables have %s bytes; the limit is 32768 bytes', octet_length(session_variables)));
    END IF;
    IF octet_length(trace_context) > 32768 THEN
      trace_context := NULL;
    END IF;
    exact := json_build_object(
      'op', op,
      'data', row_data,
      'session_variables', hdb_catalog.json_or_null(session_variables),
      'trace_context', hdb_catalog.json_or_null(trace_context));
    IF hdb_catalog.is_jsonb(exact::text) THEN
      nearest := exact::jsonb || undeliverable;
      exact := NULL;
    ELSE
      nearest := undeliverable || jsonb_build_object(
        'op', op,
        'data', hdb_catalog.nearest_jsonb(row_data),
        'session_variables', hdb_catalog.nearest_jsonb(hdb_catalog.json_or_null(session_variables)),
        'trace_context', hdb_catalog.nearest_jsonb(hdb_catalog.json_or_null(trace_context)));
    END IF;
  END;
  INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, exact_payload)
  VALUES (event_id, $1, $2, $3, nearest, exact);
  IF EXISTS (SELECT FROM hdb_catalog.engine_asleep) THEN
    -- An engine recognizes its own mutations.
    PERFORM pg_notify('hasura_events', left(coalesce(current_setting('hasura.origin', true), ''), 100));
  END IF;
  RETURN event_id;
END
$$;

-- Of earlier versions.
DROP FUNCTION IF EXISTS hdb_catalog.json_setting(text);

-- The following two functions are the slow path of capture functions (see `capture::ddl`). They are polymorphic, because
-- PL/pgSQL then compiles them for each row type.

-- Whether one of the listed columns that still exist differs; NULL means all columns.
CREATE OR REPLACE FUNCTION hdb_catalog.rows_differ(old_row anyelement, new_row anyelement, listed text[])
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  old_fields text;
  new_fields text;
  differ boolean;
BEGIN
  SELECT string_agg(format('($1).%I', a.attname), ', ' ORDER BY a.attnum),
         string_agg(format('($2).%I', a.attname), ', ' ORDER BY a.attnum)
  INTO old_fields, new_fields
  FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = (SELECT t.typrelid FROM pg_catalog.pg_type t WHERE t.oid = pg_typeof(old_row))
    AND a.attnum > 0 AND NOT a.attisdropped AND (listed IS NULL OR a.attname = ANY (listed));
  IF old_fields IS NULL THEN
    RETURN false;
  END IF;
  BEGIN
    EXECUTE format('SELECT ROW(%s)::record <> ROW(%s)::record', old_fields, new_fields)
      INTO differ USING old_row, new_row;
  EXCEPTION WHEN OTHERS THEN
    -- By their binary form, for types without equality.
    EXECUTE format('SELECT ROW(%s)::record *<> ROW(%s)::record', old_fields, new_fields)
      INTO differ USING old_row, new_row;
  END;
  RETURN differ;
END
$$;

-- The listed columns that still exist, as an object; NULL means all columns. `expressions` are their values, of the row $1.
-- A value whose expression fails is represented as Postgres represents it in JSON, then as its text, and otherwise as null.
CREATE OR REPLACE FUNCTION hdb_catalog.row_as_json(row_value anyelement, listed text[], expressions text[])
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  members text[] := '{}';
  field record;
  expression text;
  member json;
BEGIN
  FOR field IN
    SELECT a.attname, l.ordinal
    FROM pg_catalog.pg_attribute a
    LEFT JOIN unnest(listed) WITH ORDINALITY AS l (name, ordinal) ON l.name = a.attname
    WHERE a.attrelid = (SELECT t.typrelid FROM pg_catalog.pg_type t WHERE t.oid = pg_typeof(row_value))
      AND a.attnum > 0 AND NOT a.attisdropped AND (listed IS NULL OR l.ordinal IS NOT NULL)
    ORDER BY l.ordinal, a.attnum
  LOOP
    member := NULL;
    FOREACH expression IN ARRAY ARRAY[
      coalesce(expressions[field.ordinal], format('($1).%I', field.attname)),
      format('($1).%I', field.attname),
      format('($1).%I::text', field.attname)]
    LOOP
      BEGIN
        EXECUTE format('SELECT to_json(%s)', expression) INTO member USING row_value;
        EXIT;
      EXCEPTION WHEN OTHERS THEN
        CONTINUE;
      END;
    END LOOP;
    members := members || (to_json(field.attname::text)::text || ':' || coalesce(member::text, 'null'));
  END LOOP;
  RETURN ('{' || array_to_string(members, ',') || '}')::json;
END
$$;

-- Whether rows of these columns can be compared with `<>` (json, xml and some geometric types cannot). Determined by a
-- query: DISTINCT requires the same equality operators as the comparison of records.
CREATE OR REPLACE FUNCTION hdb_catalog.has_equality(relation regclass, columns text[])
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('SELECT DISTINCT %s FROM %s LIMIT 0',
    coalesce((SELECT string_agg(format('%I', name), ', ') FROM unnest(columns) AS name), '*'), relation);
  RETURN true;
EXCEPTION WHEN undefined_function THEN
  RETURN false;
END
$$;
