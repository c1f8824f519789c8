-- Hasura's tables of cron and one-off scheduled events. The engine does not schedule events, and the tables remain empty;
-- they exist because migrations of Hasura projects read them. Idempotent; executed at every start after events.sql.
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
CREATE INDEX IF NOT EXISTS hdb_cron_event_status ON hdb_catalog.hdb_cron_events (status);
CREATE UNIQUE INDEX IF NOT EXISTS hdb_cron_events_unique_scheduled
  ON hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) WHERE status = 'scheduled';

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_cron_event_invocation_logs (
  id         text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  event_id   text      REFERENCES hdb_catalog.hdb_cron_events (id) ON UPDATE CASCADE ON DELETE CASCADE,
  status     integer,
  request    json,
  response   json,
  created_at timestamp DEFAULT timezone('utc', now())
);
CREATE INDEX IF NOT EXISTS hdb_cron_event_invocation_event_id
  ON hdb_catalog.hdb_cron_event_invocation_logs (event_id);

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
CREATE INDEX IF NOT EXISTS hdb_scheduled_event_status ON hdb_catalog.hdb_scheduled_events (status);

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_scheduled_event_invocation_logs (
  id         text      PRIMARY KEY DEFAULT hdb_catalog.gen_hasura_uuid()::text,
  event_id   text      REFERENCES hdb_catalog.hdb_scheduled_events (id) ON UPDATE CASCADE ON DELETE CASCADE,
  status     integer,
  request    json,
  response   json,
  created_at timestamp DEFAULT timezone('utc', now())
);
CREATE INDEX IF NOT EXISTS hdb_scheduled_event_invocation_event_id
  ON hdb_catalog.hdb_scheduled_event_invocation_logs (event_id);
