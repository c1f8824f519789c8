-- Settles a batch: $1 key of the instance, then one array per column. An event that another instance holds (because this
-- instance lost its lock) is only logged: its holder settles it. A deleted event is skipped.
-- The condition uses the key instead of a list of ids: `transfer` may assign a new id while this statement waits.
-- Without the list of events in the conditions, a plan made for a small table would read the whole table.
WITH done AS MATERIALIZED (
  SELECT * FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::double precision[], $6::integer[], $7::text[], $8::text[])
    AS done (id, delivered, error, retry_in, status, request, response)
), settled AS (
  UPDATE hdb_catalog.event_log e
  SET tries = e.tries + 1, delivered = done.delivered, error = done.error,
      next_retry_at = timezone('utc', now()) + make_interval(secs => done.retry_in),
      locked = NULL, locked_by = NULL
  FROM done
  WHERE e.id = done.id AND e.id = ANY ($2) AND e.locked_by >> 20 = $1
)
INSERT INTO hdb_catalog.event_invocation_logs (event_id, status, request, response)
SELECT done.id, done.status, done.request::json, done.response::json
FROM done JOIN hdb_catalog.event_log AS e ON e.id = done.id AND e.id = ANY ($2)
