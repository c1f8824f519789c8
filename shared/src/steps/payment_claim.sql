-- payment, before the gateway call:
--  $1 order_id · $2 amount, or null for the total of the order · $3 type · $4 claim of this request · $5 lease in seconds
--  $6 payer: the account that pays, or null for payments without identity · $7 idempotency key for a new attempt
--  $8 attempts per order within $9 seconds · $10 declined attempts per payer within $11 seconds
-- Returns no row for an unknown order and for an order of another account, otherwise its state, and the columns claimed_… if this
-- request has the claim.
--
-- A claim is a payments row with status `processing`. It excludes other requests for the duration of its lease, which is
-- longer than the timeout of a request; so an expired claim belongs to a request that died, possibly after the gateway charged
-- the card. It is resumed with its attempt number, and so with the same idempotency key.
WITH state AS (
  SELECT o.order_id, o.total, o.problem, o.trace_id,
         o.order_valid IS TRUE   AS valid,
         o.payment_valid IS TRUE AS paid,
         CASE WHEN o.closed THEN o.status END AS closed_as,
         done.id         AS done_id,
         done.amount     AS done_amount,
         done.card_last4 AS done_card_last4,
         last.id         AS last_id,
         last.attempt    AS last_attempt,
         coalesce(last.status = 'processing', false) AS open,
         coalesce(last.status = 'processing'
                  AND last.claim <> $4
                  AND last.claimed_at > clock_timestamp() - make_interval(secs => $5), false) AS held,
         -- Seconds until the next attempt is allowed: the $8-th newest attempt of the order, and the $10-th newest declined one of
         -- the payer, have to be old enough. An open attempt is not a new one.
         CASE WHEN last.status = 'processing' THEN 0
              ELSE extract(epoch FROM greatest(
                (
                  SELECT p.created + make_interval(secs => $9)
                  FROM payments AS p
                  WHERE p.order_id = o.order_id
                  ORDER BY p.attempt DESC
                  OFFSET $8 - 1 LIMIT 1
                ),
                (
                  SELECT p.created + make_interval(secs => $11)
                  FROM payments AS p
                  WHERE p.payer = $6 AND p.status = 'declined'
                  ORDER BY p.created DESC
                  OFFSET $10 - 1 LIMIT 1
                ),
                clock_timestamp()
              ) - clock_timestamp())::double precision
         END AS limited_for,
         -- The declined attempts of the payer together with the open ones, each of which may be declined. Claims of one payer do not
         -- run concurrently, so each sees the open attempts of those before it.
         last.status IS DISTINCT FROM 'processing'
         AND (
           SELECT count(*)
           FROM payments AS p
           WHERE p.payer = $6 AND p.status = 'declined' AND p.created > clock_timestamp() - make_interval(secs => $11)
         ) + (
           SELECT count(*)
           FROM payments AS p
           WHERE p.payer = $6 AND p.status = 'processing' AND p.created > clock_timestamp() - make_interval(secs => $11)
         ) >= $10 AS busy
  FROM orders AS o
  LEFT JOIN payments AS done ON done.order_id = o.order_id AND done.status = 'succeeded'
  LEFT JOIN LATERAL (
    SELECT p.id, p.attempt, p.status, p.claim, p.claimed_at
    FROM payments AS p
    WHERE p.order_id = o.order_id
    ORDER BY p.attempt DESC
    LIMIT 1
  ) AS last ON true
  WHERE o.order_id = $1 AND ($6 IS NULL OR o.user_id = $6)
),
payable AS (
  SELECT * FROM state
  WHERE valid AND NOT paid AND done_id IS NULL AND problem IS NULL AND closed_as IS NULL AND coalesce($2, total) = total AND NOT held
),
-- Of concurrent requests that resume, the second sees the new claim when it gets the row lock.
resumed AS (
  UPDATE payments AS p
  SET claim = $4, claimed_at = clock_timestamp(), idempotency_key = coalesce(p.idempotency_key, $7)
  FROM payable
  WHERE p.id = payable.last_id
    AND p.status = 'processing'
    AND (p.claim IS NULL OR p.claim = $4
         OR coalesce(p.claimed_at, '-infinity') <= clock_timestamp() - make_interval(secs => $5))
  RETURNING p.id, p.attempt, p.amount, p.idempotency_key
),
-- Of concurrent requests that start an attempt, the second waits for the first one's row with the same number, and inserts
-- nothing. So the limit of attempts holds for concurrent requests too: an attempt that the limit did not see has this number.
started AS (
  INSERT INTO payments (order_id, type, amount, status, attempt, claim, claimed_at, payer, idempotency_key)
  SELECT order_id, $3, total, 'processing', coalesce(last_attempt, 0) + 1, $4, clock_timestamp(), $6, $7
  FROM payable
  WHERE NOT open AND limited_for <= 0 AND NOT busy
  ON CONFLICT (order_id, attempt) DO NOTHING
  RETURNING id, attempt, amount, idempotency_key
),
claimed AS (
  SELECT * FROM resumed UNION ALL SELECT * FROM started
)
SELECT state.trace_id, state.total, state.problem, state.valid, state.paid, state.closed_as, state.held, state.busy, state.limited_for,
       state.done_id, state.done_amount, state.done_card_last4,
       claimed.id AS claimed_id, claimed.attempt AS claimed_attempt,
       claimed.amount AS claimed_amount, claimed.idempotency_key AS claimed_key
FROM state LEFT JOIN claimed ON true
