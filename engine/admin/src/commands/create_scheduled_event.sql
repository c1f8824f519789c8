-- Inserts a one-off event unless its payload is too large: $1 webhook, $2 time, $3 payload, $4 retry policy, $5 headers, $6 comment.
WITH added AS (
  INSERT INTO hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, payload, retry_conf, header_conf, comment)
  SELECT $1::text::json, $2::text::timestamptz, $3::text::json, $4::text::json, $5::text::json, $6::text
  WHERE octet_length($3::text) <= hdb_catalog.max_payload_bytes()
  RETURNING id
)
SELECT (SELECT id FROM added) AS id, hdb_catalog.max_payload_bytes() AS maximum
