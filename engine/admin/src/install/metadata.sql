-- Tables of the engine besides the event log (events.sql). They are the same as Hasura's, so that Hasura's
-- clients find them. Idempotent; executed at every start.
CREATE SCHEMA IF NOT EXISTS hdb_catalog;

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_version (
  hasura_uuid   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  version       text NOT NULL,
  upgraded_on   timestamptz NOT NULL,
  cli_state     jsonb NOT NULL DEFAULT '{}'::jsonb,
  console_state jsonb NOT NULL DEFAULT '{}'::jsonb
);
DO $$
BEGIN
  -- Not without this check, here and for the other indexes, because CREATE INDEX locks its table even if the index exists.
  IF to_regclass('hdb_catalog.hdb_version_one_row') IS NULL THEN
    CREATE UNIQUE INDEX hdb_version_one_row ON hdb_catalog.hdb_version ((version IS NOT NULL));
  END IF;
END
$$;
INSERT INTO hdb_catalog.hdb_version (version, upgraded_on) VALUES ('48', now()) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS hdb_catalog.hdb_metadata (
  id               integer PRIMARY KEY,
  metadata         json NOT NULL,
  resource_version integer NOT NULL DEFAULT 1 UNIQUE
);
