-- Records an attempt: $1 key of the instance, $2 event, $3 its next status, $4 delay of the next attempt in seconds or NULL, $5 status
-- of the call, $6 request, $7 response. An event that another instance holds (because this one lost its lock) is only logged. A deleted
-- event is skipped.
WITH settled AS (
  UPDATE hdb_catalog.{events}
  SET tries = tries + 1, status = $3, next_retry_at = now() + make_interval(secs => $4), locked_by = NULL
  WHERE id = $2 AND locked_by >> 20 = $1
)
INSERT INTO hdb_catalog.{logs} (event_id, status, request, response)
SELECT id, $5, $6::text::json, $7::text::json FROM hdb_catalog.{events} WHERE id = $2
