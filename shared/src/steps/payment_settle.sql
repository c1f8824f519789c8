-- payment, after the response of the gateway:
-- $1 payments.id, $2 status (succeeded or declined), $3 card_last4, $4 decline_code, $5 amount that the gateway charged, $6 lease of a
-- claim in seconds.
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
moved AS (
  UPDATE orders AS o
  SET payment_valid = true
  FROM settled
  WHERE o.order_id = settled.order_id AND settled.status = 'succeeded' AND o.payment_valid IS NOT TRUE
)
INSERT INTO order_history (order_id, step, outcome, attempt)
SELECT order_id, 'payment', CASE status WHEN 'succeeded' THEN 'paid' ELSE 'declined' END, attempt
FROM settled
