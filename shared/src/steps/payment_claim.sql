-- payment, first half: $1 order_id, $2 amount, $3 type, $4 the request's own claim, $5 lease in seconds.
-- Returns no row for an unknown order, else what was seen, and, where a claim was had, claimed_id and claimed_attempt.
--
-- A claim is a payments row with status `processing`. It keeps other requests out for the length of its lease, which is
-- longer than any request lives; so an older claim belongs to a request that died, perhaps after the gateway had taken the
-- money. It is resumed with its own attempt number, hence with the same key at the gateway.
WITH seen AS (
  SELECT o.order_id, o.total, o.problem,
         o.order_valid IS TRUE   AS valid,
         o.payment_valid IS TRUE AS paid,
         done.id         AS done_id,
         done.amount     AS done_amount,
         done.card_last4 AS done_card_last4,
         last.id         AS last_id,
         last.attempt    AS last_attempt,
         coalesce(last.status = 'processing', false) AS begun,
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
  SELECT * FROM seen
  WHERE valid AND NOT paid AND done_id IS NULL AND problem IS NULL AND total = $2 AND NOT held
),
-- Of several who want to resume, the second finds the claim taken when it gets to see the row.
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
-- Of several who want to begin, the second waits for the first's row with the same number, and inserts nothing.
begun AS (
  INSERT INTO payments (order_id, type, amount, status, attempt, claim, claimed_at)
  SELECT order_id, $3, total, 'processing', coalesce(last_attempt, 0) + 1, $4, clock_timestamp()
  FROM payable
  WHERE NOT begun
  ON CONFLICT (order_id, attempt) DO NOTHING
  RETURNING id, attempt
),
claimed AS (
  SELECT id, attempt FROM resumed UNION ALL SELECT id, attempt FROM begun
)
SELECT seen.total, seen.problem, seen.valid, seen.paid, seen.held,
       seen.done_id, seen.done_amount, seen.done_card_last4,
       claimed.id AS claimed_id, claimed.attempt AS claimed_attempt
FROM seen LEFT JOIN claimed ON true
