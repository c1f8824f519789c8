-- payment, before the gateway call: $1 order_id, $2 amount, $3 type, $4 claim of this request, $5 lease in seconds.
-- Returns no row for an unknown order, otherwise its state, and claimed_id and claimed_attempt if this request has the claim.
--
-- A claim is a payments row with status `processing`. It excludes other requests for the duration of its lease, which is
-- longer than the timeout of a request; so an expired claim belongs to a request that died, possibly after the gateway charged
-- the card. It is resumed with its attempt number, and so with the same idempotency key.
WITH state AS (
  SELECT o.order_id, o.total, o.problem,
         o.order_valid IS TRUE   AS valid,
         o.payment_valid IS TRUE AS paid,
         done.id         AS done_id,
         done.amount     AS done_amount,
         done.card_last4 AS done_card_last4,
         last.id         AS last_id,
         last.attempt    AS last_attempt,
         coalesce(last.status = 'processing', false) AS open,
         coalesce(last.status = 'processing'
                  AND last.claim IS DISTINCT FROM $4
                  AND last.claimed_at > clock_timestamp() - make_interval(secs => $5), false) AS held
  FROM orders AS o
  LEFT JOIN payments AS done ON done.order_id = o.order_id AND done.status = 'succeeded'
  LEFT JOIN LATERAL (
    SELECT p.id, p.attempt, p.status, p.claim, p.claimed_at
    FROM payments AS p
    WHERE p.order_id = o.order_id
    ORDER BY p.attempt DESC
    LIMIT 1
  ) AS last ON true
  WHERE o.order_id = $1
),
payable AS (
  SELECT * FROM state
  WHERE valid AND NOT paid AND done_id IS NULL AND problem IS NULL AND total = $2 AND NOT held
),
-- Of concurrent requests that resume, the second sees the new claim when it gets the row lock.
resumed AS (
  UPDATE payments AS p
  SET claim = $4, claimed_at = clock_timestamp()
  FROM payable
  WHERE p.id = payable.last_id
    AND p.status = 'processing'
    AND (p.claim IS NOT DISTINCT FROM $4
         OR coalesce(p.claimed_at, '-infinity') <= clock_timestamp() - make_interval(secs => $5))
  RETURNING p.id, p.attempt
),
-- Of concurrent requests that start an attempt, the second waits for the first one's row with the same number, and inserts
-- nothing.
started AS (
  INSERT INTO payments (order_id, type, amount, status, attempt, claim, claimed_at)
  SELECT order_id, $3, total, 'processing', coalesce(last_attempt, 0) + 1, $4, clock_timestamp()
  FROM payable
  WHERE NOT open
  ON CONFLICT (order_id, attempt) DO NOTHING
  RETURNING id, attempt
),
claimed AS (
  SELECT id, attempt FROM resumed UNION ALL SELECT id, attempt FROM started
)
SELECT state.total, state.problem, state.valid, state.paid, state.held,
       state.done_id, state.done_amount, state.done_card_last4,
       claimed.id AS claimed_id, claimed.attempt AS claimed_attempt
FROM state LEFT JOIN claimed ON true
