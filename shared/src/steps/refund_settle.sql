-- refund-payment, after the response of the gateway: $1 refunds.id, $2 event_id, $3 attempt.
-- Only a pending refund is settled, so it is settled once, even if several requests received the gateway's response.
WITH settled AS (
  UPDATE refunds
  SET status = 'succeeded', refunded = clock_timestamp()
  WHERE id = $1 AND status = 'pending'
  RETURNING order_id
)
INSERT INTO order_history (order_id, step, outcome, event_id, attempt, trace_id)
SELECT order_id, 'refund-payment', 'refunded', $2, $3,
       (SELECT o.trace_id FROM orders AS o WHERE o.order_id = settled.order_id)
FROM settled
