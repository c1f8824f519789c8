-- expire-orders: $1 maximum number of rows per kind, $2 lease of a claim in seconds.
-- Returns the numbers of rows: unpaid, unanswered, unassigned (orders that were closed), released (assignments), unreturned
-- (payments whose refund was requested).
--
-- Orders are found by the index on `created`: deadlines change with each step, and an index on them would prevent HOT updates.
-- Concurrent calls skip each other's rows. Rows are locked before they are changed, so that the conditions hold for their newest
-- version.
WITH settings AS (
  SELECT now() - look_back AS since FROM workflow_settings
),
overdue AS (
  SELECT o.order_id,
         CASE WHEN o.payment_valid IS NOT TRUE THEN 'unpaid'
              WHEN NOT o.approved              THEN 'unanswered'
              ELSE                                  'unassigned' END AS what
  FROM orders AS o
  WHERE o.created >= (SELECT since FROM settings)
    AND NOT o.closed AND NOT o.driver_assigned AND o.problem IS NULL
    AND CASE WHEN o.payment_valid IS NOT TRUE THEN o.pay_by
             WHEN NOT o.approved              THEN o.answer_by
             ELSE                                  o.assign_by END <= now()
    -- A payment that is about to complete is in time.
    AND NOT EXISTS (
      SELECT FROM payments AS p
      WHERE p.order_id = o.order_id AND p.status = 'processing'
        AND p.claimed_at > clock_timestamp() - make_interval(secs => $2)
    )
  ORDER BY o.created
  LIMIT $1
  FOR NO KEY UPDATE OF o SKIP LOCKED
),
expired AS (
  UPDATE orders AS o
  SET expired = true,
      close_reason = CASE overdue.what
        WHEN 'unpaid'     THEN 'The order was not paid in time.'
        WHEN 'unanswered' THEN 'The restaurant did not answer in time.'
        ELSE                   'No driver was found in time.'
      END
  FROM overdue
  WHERE o.order_id = overdue.order_id
  RETURNING o.order_id, overdue.what
),
history AS (
  INSERT INTO order_history (order_id, step, outcome)
  SELECT order_id, 'expire-orders', 'expired' FROM expired
),
-- Assignments that were not answered in time, and those of drivers that went off duty while they were assigned. Each kind is found
-- by its index.
unanswered AS (
  SELECT a.order_id
  FROM (
    SELECT order_id FROM assignment WHERE NOT accepted AND accept_by <= now()
    UNION
    SELECT x.order_id FROM drivers AS d JOIN assignment AS x ON x.driver_id = d.id AND NOT x.delivered WHERE NOT d.available
  ) AS candidate
  JOIN assignment AS a ON a.order_id = candidate.order_id
  JOIN orders AS o ON o.order_id = a.order_id
  WHERE NOT a.declined AND NOT a.delivered
    AND o.driver_assigned AND NOT o.food_picked AND NOT o.closed
    AND ((NOT a.accepted AND a.accept_by <= now())
         OR EXISTS (SELECT FROM drivers AS d WHERE d.id = a.driver_id AND NOT d.available))
  LIMIT $1
  FOR NO KEY UPDATE OF a, o SKIP LOCKED
),
released AS (
  UPDATE assignment AS a
  SET declined = true
  FROM unanswered
  WHERE a.order_id = unanswered.order_id
  RETURNING a.order_id
),
-- Payments of closed orders that refund-payment has not seen: their request was starting when the order was closed, and died.
-- Each request is an event, which is delivered until it succeeds; three of them are enough.
unreturned AS (
  SELECT o.order_id
  FROM orders AS o
  WHERE o.created >= (SELECT since FROM settings) AND o.closed AND o.refund_requests < 3
    AND EXISTS (
      SELECT FROM payments AS p
      WHERE p.order_id = o.order_id
        AND ((p.status = 'processing' AND p.claimed_at <= clock_timestamp() - make_interval(secs => $2))
             OR (p.status = 'succeeded' AND NOT EXISTS (SELECT FROM refunds AS r WHERE r.payment_id = p.id)))
    )
  ORDER BY o.created
  LIMIT $1
  FOR NO KEY UPDATE OF o SKIP LOCKED
),
requested AS (
  UPDATE orders AS o
  SET refund_requests = o.refund_requests + 1
  FROM unreturned
  WHERE o.order_id = unreturned.order_id
  RETURNING o.order_id
)
SELECT (SELECT count(*) FROM expired WHERE what = 'unpaid')::integer     AS unpaid,
       (SELECT count(*) FROM expired WHERE what = 'unanswered')::integer AS unanswered,
       (SELECT count(*) FROM expired WHERE what = 'unassigned')::integer AS unassigned,
       (SELECT count(*) FROM released)::integer                      AS released,
       (SELECT count(*) FROM requested)::integer                        AS unreturned
