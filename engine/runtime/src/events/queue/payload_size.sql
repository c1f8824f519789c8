-- Size of the payload of an event as it is delivered, in bytes: $1 event.
SELECT octet_length(coalesce(exact_payload::text, payload::text)) FROM hdb_catalog.event_log WHERE id = $1
