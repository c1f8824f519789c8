-- {signature}
DECLARE
  row_data json;
  event jsonb;
BEGIN
  BEGIN
    {unchanged}
    {data}
    event := CASE
      -- The size of the value in memory, which is not compressed.
      WHEN pg_column_size(row_data) <= hdb_catalog.max_payload_bytes()
        AND coalesce(octet_length(current_setting('hasura.user', true)), 0) <= 32768
        AND coalesce(octet_length(current_setting('hasura.tracecontext', true)), 0) <= 32768
      -- After a transaction-local setting has been set once in a session, it reads as '' in later transactions.
      THEN jsonb_build_object(
        'op', TG_OP,
        'data', row_data,
        'session_variables', nullif(current_setting('hasura.user', true), '')::json,
        'trace_context', nullif(current_setting('hasura.tracecontext', true), '')::json)
    END;
  EXCEPTION WHEN OTHERS THEN
    IF row_data IS NULL THEN
      {unchanged_fallback}
      {fallback}
    END IF;
  END;
  IF event IS NULL THEN
    PERFORM hdb_catalog.insert_event_log({schema}, {name}, {trigger}, TG_OP, row_data);
    RETURN NULL;
  END IF;
  INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload)
  VALUES (hdb_catalog.new_event_id(), {schema}, {name}, {trigger}, event);
  IF EXISTS (SELECT FROM hdb_catalog.engine_asleep) THEN
    -- An engine recognizes its own mutations.
    PERFORM pg_notify('hasura_events', left(coalesce(current_setting('hasura.origin', true), ''), 100));
  END IF;
  RETURN NULL;
END
