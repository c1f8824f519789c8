-- Invariants over the orders of one demo's customer, which hold after any number of deliveries, crashes and retries.
-- {user} is a literal that the demo generates; Hasura's run_sql does not support parameters.
WITH mine AS (
  SELECT * FROM orders WHERE user_id = {user}
)
SELECT
  (SELECT count(*) FROM mine) AS orders,
  (SELECT count(*) FROM mine WHERE driver_assigned) AS assigned,
  -- Successful payments in excess of one per order. The unique index prevents them; this verifies it.
  (SELECT coalesce(sum(n - 1), 0) FROM (
    SELECT count(*) AS n FROM payments JOIN mine USING (order_id) WHERE payments.status = 'succeeded' GROUP BY order_id
  ) AS paid) AS duplicate_payments,
  (SELECT coalesce(sum(n - 1), 0) FROM (
    SELECT count(*) AS n FROM assignment JOIN mine USING (order_id) GROUP BY order_id
  ) AS driven) AS duplicate_assignments,
  -- approved ⇒ paid and valid; assigned ⇒ approved, and with a row in assignment
  (SELECT count(*) FROM mine WHERE approved AND NOT coalesce(order_valid AND payment_valid, false)) AS approved_too_early,
  (SELECT count(*) FROM mine WHERE driver_assigned
     AND NOT (approved AND EXISTS (SELECT FROM assignment WHERE assignment.order_id = mine.order_id))) AS assigned_too_early,
  -- amount = total
  (SELECT count(*) FROM mine JOIN payments USING (order_id)
     WHERE payments.status = 'succeeded' AND payments.amount IS DISTINCT FROM mine.total) AS wrong_amounts
