-- refund-payment, before the gateway call: $1 order_id, $2 lease of a claim in seconds.
-- Returns no row for an unknown order, otherwise: closed, and
--  open_id, open_amount, open_attempt, open_key, held: an attempt without a result; held while its request may still be running
--  payment_key: idempotency key of the succeeded payment · paid: whether there is one
--  refund_id, refund_amount, refund_key, refunded: its refund, which this statement inserts if it is missing.
WITH state AS (
  SELECT o.order_id, o.closed,
         open.id AS open_id, open.amount AS open_amount, open.attempt AS open_attempt, open.idempotency_key AS open_key,
         coalesce(open.claimed_at > clock_timestamp() - make_interval(secs => $2), false) AS held,
         paid.id AS payment_id, paid.amount AS payment_amount, paid.idempotency_key AS payment_key,
         refund.id AS refund_id, refund.amount AS refund_amount, refund.key AS refund_key,
         refund.status = 'succeeded' AS refunded
  FROM orders AS o
  LEFT JOIN payments AS paid ON paid.order_id = o.order_id AND paid.status = 'succeeded'
  LEFT JOIN refunds AS refund ON refund.payment_id = paid.id
  LEFT JOIN LATERAL (
    SELECT p.id, p.amount, p.attempt, p.idempotency_key, p.claimed_at
    FROM payments AS p
    WHERE p.order_id = o.order_id AND p.status = 'processing'
    ORDER BY p.attempt
    LIMIT 1
  ) AS open ON true
  WHERE o.order_id = $1
),
-- A closed order stays closed, and a succeeded payment stays succeeded, so that the state above cannot be outdated. Of concurrent
-- requests, the second inserts nothing, and runs again.
started AS (
  INSERT INTO refunds (payment_id, order_id, amount, key)
  SELECT payment_id, order_id, payment_amount, 'refund:' || payment_key
  FROM state
  WHERE closed AND payment_key IS NOT NULL AND refund_id IS NULL
  ON CONFLICT (payment_id) DO NOTHING
  RETURNING id, amount, key
)
SELECT state.closed, state.open_id, state.open_amount, state.open_attempt, state.open_key, state.held,
       state.payment_id IS NOT NULL AS paid, state.payment_key,
       coalesce(state.refund_id, started.id)         AS refund_id,
       coalesce(state.refund_amount, started.amount) AS refund_amount,
       coalesce(state.refund_key, started.key)       AS refund_key,
       coalesce(state.refunded, false)               AS refunded
FROM state LEFT JOIN started ON true
