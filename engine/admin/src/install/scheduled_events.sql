-- Hasura's tables of cron and one-off scheduled events, which migrations of Hasura projects read and write. Idempotent; executed at
-- every start after events.sql. Their indexes are in indexes.rs.
CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_cron_events (
  id             text        PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  trigger_name   text        NOT NULL,
  scheduled_time timestamptz NOT NULL,
  status         text        NOT NULL DEFAULT 'scheduled',
  tries          integer     NOT NULL DEFAULT 0,
  created_at     timestamp   DEFAULT timezone('utc', now()),
  next_retry_at  timestamptz,
  CONSTRAINT valid_status CHECK (status IN ('scheduled', 'locked', 'delivered', 'error', 'dead'))
);

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_cron_event_invocation_logs (
  id         text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  event_id   text      REFERENCES hdb_catalog.hdb_cron_events (id) ON UPDATE CASCADE ON DELETE CASCADE,
  status     integer,
  request    json,
  response   json,
  created_at timestamp DEFAULT timezone('utc', now())
);

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_scheduled_events (
  id             text        PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  webhook_conf   json        NOT NULL,
  scheduled_time timestamptz NOT NULL,
  retry_conf     json,
  payload        json,
  header_conf    json,
  status         text        NOT NULL DEFAULT 'scheduled',
  tries          integer     NOT NULL DEFAULT 0,
  created_at     timestamp   DEFAULT timezone('utc', now()),
  next_retry_at  timestamptz,
  comment        text,
  CONSTRAINT valid_status CHECK (status IN ('scheduled', 'locked', 'delivered', 'error', 'dead'))
);

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_scheduled_event_invocation_logs (
  id         text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  event_id   text      REFERENCES hdb_catalog.hdb_scheduled_events (id) ON UPDATE CASCADE ON DELETE CASCADE,
  status     integer,
  request    json,
  response   json,
  created_at timestamp DEFAULT timezone('utc', now())
);

-- Instance that holds the event, as in event_log. A locked event without one was locked by Hasura, and is free.
DO $$
DECLARE
  events text;
BEGIN
  FOREACH events IN ARRAY ARRAY['hdb_cron_events', 'hdb_scheduled_events'] LOOP
    -- Not without this check, because ALTER TABLE locks the table in any case.
    IF NOT EXISTS (
      SELECT FROM pg_attribute
      WHERE attrelid = ('hdb_catalog.' || events)::regclass AND attname = 'locked_by' AND NOT attisdropped
    ) THEN
      EXECUTE format('ALTER TABLE hdb_catalog.%I ADD COLUMN locked_by bigint', events);
    END IF;
  END LOOP;
END
$$;

-- Wakes the engines that sleep until the next known event. Changes by an engine need no NOTIFY: the others see a claimed event when
-- they are due, or know when it is due again.
CREATE OR REPLACE FUNCTION hdb_catalog.notify_scheduled_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('hasura.scheduler', true), '') = '' THEN
    PERFORM pg_notify('hasura_scheduled_events', '');
  END IF;
  RETURN NULL;
END
$$;
DO $$
DECLARE
  events text;
BEGIN
  FOREACH events IN ARRAY ARRAY['hdb_cron_events', 'hdb_scheduled_events'] LOOP
    -- Not without this check, because CREATE TRIGGER locks the table.
    IF NOT EXISTS (
      SELECT FROM pg_trigger WHERE tgrelid = ('hdb_catalog.' || events)::regclass AND tgname = 'notify_scheduled_events'
    ) THEN
      EXECUTE format('CREATE TRIGGER notify_scheduled_events AFTER INSERT OR UPDATE OF scheduled_time, next_retry_at, status '
        'ON hdb_catalog.%I FOR EACH STATEMENT EXECUTE FUNCTION hdb_catalog.notify_scheduled_events()', events);
    END IF;
  END LOOP;
END
$$;
