-- payment, after the response of the gateway:
-- $1 payments.id, $2 status (succeeded or declined), $3 card_last4, $4 decline_code, $5 amount that the gateway charged, $6 lease of a
-- claim in seconds, $7 traceparent.
-- Returns: settled (by this statement), status of the attempt, closed_as (status of a closed order).
--
-- Only an open attempt is settled, so it is settled once, even if several requests received the gateway's response; and only
-- with its own amount. That the gateway has no charge (not_charged) is believed after the lease only, because a charge may be
-- on its way; one that arrives even later replaces this result.
WITH settled AS (
  UPDATE payments
  SET status = $2, card_last4 = $3, decline_code = $4, claim = NULL, claimed_at = NULL
  WHERE id = $1 AND amount = $5
    AND CASE
      WHEN $4 = 'not_charged' THEN status = 'processing'
        AND coalesce(claimed_at, '-infinity') <= clock_timestamp() - make_interval(secs => $6)
      ELSE status = 'processing' OR (status = 'declined' AND decline_code = 'not_charged')
    END
  RETURNING order_id, attempt, status
),
-- An order that was closed since the snapshot of this statement is returned as it is now.
moved AS (
  UPDATE orders AS o
  SET payment_valid = true
  FROM settled
  WHERE o.order_id = settled.order_id AND settled.status = 'succeeded' AND o.payment_valid IS NOT TRUE
  RETURNING o.order_id, o.closed, o.status, continue_trace(o.trace_id, $7)
),
history AS (
  INSERT INTO order_history (order_id, step, outcome, attempt, trace_id)
  SELECT order_id, 'payment', CASE status WHEN 'succeeded' THEN 'paid' ELSE 'declined' END, attempt,
         (SELECT o.trace_id FROM orders AS o WHERE o.order_id = settled.order_id)
  FROM settled
)
SELECT settled.order_id IS NOT NULL AS settled,
       coalesce(settled.status, p.status) AS status,
       CASE WHEN coalesce(moved.closed, o.closed) THEN coalesce(moved.status, o.status) END AS closed_as
FROM payments AS p
JOIN orders AS o ON o.order_id = p.order_id
LEFT JOIN settled ON true
LEFT JOIN moved ON true
WHERE p.id = $1
