-- Payload of an event: $1 event.
SELECT coalesce(exact_payload::text, payload::text) AS payload,
  payload #>> '{trace_context,trace_id}' AS trace_id,
  payload #>> '{trace_context,span_id}' AS span_id,
  payload #>> '{trace_context,sampling_state}' AS sampling_state,
  payload ->> 'undeliverable' AS undeliverable
FROM hdb_catalog.event_log WHERE id = $1
