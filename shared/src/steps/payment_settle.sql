-- payment, after the response of the gateway:
-- $1 payments.id, $2 status (succeeded or declined), $3 card_last4, $4 decline_code, $5 amount that the gateway charged.
-- Only an open attempt is settled, so it is settled once, even if several requests received the gateway's response; and only
-- with its own amount.
WITH settled AS (
  UPDATE payments
  SET status = $2, card_last4 = $3, decline_code = $4, claim = NULL, claimed_at = NULL
  WHERE id = $1 AND status = 'processing' AND amount = $5
  RETURNING order_id, attempt, status
),
moved AS (
  UPDATE orders AS o
  SET payment_valid = true
  FROM settled
  WHERE o.order_id = settled.order_id AND settled.status = 'succeeded' AND o.payment_valid IS NOT TRUE
)
INSERT INTO order_history (order_id, step, outcome, attempt)
SELECT order_id, 'payment', CASE status WHEN 'succeeded' THEN 'paid' ELSE 'declined' END, attempt
FROM settled
