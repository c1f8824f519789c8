-- expire-orders, overdue orders: $1 maximum number of rows, $2 lease of a claim in seconds, $3 orders to skip, $4 whether nothing is
-- changed.
-- Returns the numbers of orders that were closed: unpaid, unanswered, unassigned; and the first order that was found.
--
-- Orders are found by the index on `created`: deadlines change with each step, and an index on them would prevent HOT updates.
-- Concurrent calls skip each other's rows. Rows are locked before they are changed, so that the conditions hold for their newest
-- version.
WITH overdue AS (
  SELECT o.order_id,
         CASE WHEN o.payment_valid IS NOT TRUE THEN 'unpaid'
              WHEN NOT o.approved              THEN 'unanswered'
              ELSE                                  'unassigned' END AS what
  FROM orders AS o
  WHERE o.created >= (SELECT now() - look_back FROM workflow_settings)
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
    AND o.order_id <> ALL ($3)
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
  WHERE o.order_id = overdue.order_id AND NOT $4
  RETURNING o.order_id, overdue.what, o.trace_id
),
history AS (
  INSERT INTO order_history (order_id, step, outcome, trace_id)
  SELECT order_id, 'expire-orders', 'expired', trace_id FROM expired
)
SELECT (SELECT count(*) FROM expired WHERE what = 'unpaid')::integer     AS unpaid,
       (SELECT count(*) FROM expired WHERE what = 'unanswered')::integer AS unanswered,
       (SELECT count(*) FROM expired WHERE what = 'unassigned')::integer AS unassigned,
       (SELECT order_id FROM overdue LIMIT 1)                            AS first
