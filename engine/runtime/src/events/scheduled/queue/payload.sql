-- Payload of a one-off event unless it is larger than the maximum: $1 event.
SELECT CASE WHEN octet_length(text) <= hdb_catalog.max_payload_bytes() THEN text END AS payload,
  hdb_catalog.max_payload_bytes() AS maximum
FROM (SELECT coalesce(payload::text, 'null') FROM hdb_catalog.hdb_scheduled_events WHERE id = $1 OFFSET 0) AS printed (text)
