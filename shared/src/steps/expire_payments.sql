-- expire-orders, payments to return: $1 maximum number of rows, $2 lease of a claim in seconds, $3 orders to skip, $4 whether nothing is
-- changed.
-- Returns the number of orders whose refund was requested, these orders, and the first one that was found.
--
-- Payments of closed orders that refund-payment has not seen: their request was starting when the order was closed, and died.
-- Each request is an event, which is delivered until it succeeds; three of them are enough.
WITH unreturned AS (
  SELECT o.order_id
  FROM orders AS o
  WHERE o.created >= (SELECT now() - look_back FROM workflow_settings) AND o.closed AND o.refund_requests < 3
    AND EXISTS (
      SELECT FROM payments AS p
      WHERE p.order_id = o.order_id
        AND ((p.status = 'processing' AND p.claimed_at <= clock_timestamp() - make_interval(secs => $2))
             OR (p.status = 'succeeded' AND NOT EXISTS (SELECT FROM refunds AS r WHERE r.payment_id = p.id)))
    )
    AND o.order_id <> ALL ($3)
  ORDER BY o.created
  LIMIT $1
  FOR NO KEY UPDATE OF o SKIP LOCKED
),
requested AS (
  UPDATE orders AS o
  SET refund_requests = o.refund_requests + 1
  FROM unreturned
  WHERE o.order_id = unreturned.order_id AND NOT $4
  RETURNING o.order_id
)
SELECT (SELECT count(*) FROM requested)::integer     AS unreturned,
       (SELECT array_agg(order_id) FROM requested)   AS requested,
       (SELECT order_id FROM unreturned LIMIT 1)     AS first
