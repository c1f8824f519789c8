-- Invariants over the orders of one demo's customer, which hold after any number of deliveries, crashes and retries.
-- {user} is a literal that the demo generates; Hasura's run_sql does not support parameters.
WITH mine AS (
  SELECT * FROM orders WHERE user_id = {user}
)
SELECT
  (SELECT count(*) FROM mine) AS orders,
  (SELECT count(*) FROM mine WHERE driver_assigned) AS assigned,
  (SELECT count(*) FROM mine WHERE cancelled) AS cancelled,
  (SELECT count(*) FROM mine WHERE rejected) AS rejected,
  (SELECT count(*) FROM mine WHERE expired) AS expired,
  (SELECT count(*) FROM refunds JOIN mine USING (order_id) WHERE refunds.status = 'succeeded') AS refunded,
  -- Zero after a while: refunds are delivered until they succeed.
  (SELECT count(*) FROM payments AS p JOIN mine USING (order_id)
     WHERE mine.closed AND (p.status = 'processing' OR (p.status = 'succeeded' AND NOT EXISTS (
       SELECT FROM refunds AS r WHERE r.payment_id = p.id AND r.status = 'succeeded')))) AS unreturned,
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
     WHERE payments.status = 'succeeded' AND payments.amount IS DISTINCT FROM mine.total) AS wrong_amounts,
  -- The ledger of the simulated gateway: money taken − money returned = totals of the paid orders that are not closed.
  (SELECT coalesce(sum(n - 1), 0) FROM (
    SELECT count(*) AS n FROM simulated_gateway_refunds AS r
    JOIN payments AS p ON p.idempotency_key = r.charge_key JOIN mine USING (order_id) GROUP BY r.charge_key
  ) AS returned) AS duplicate_refunds,
  abs(
    (SELECT coalesce(sum(c.amount), 0) FROM simulated_gateway_charges AS c
       JOIN payments AS p ON p.idempotency_key = c.key JOIN mine USING (order_id) WHERE c.decline_code IS NULL)
    - (SELECT coalesce(sum(r.amount), 0) FROM simulated_gateway_refunds AS r
         JOIN payments AS p ON p.idempotency_key = r.charge_key JOIN mine USING (order_id))
    - (SELECT coalesce(sum(mine.total), 0) FROM mine
         WHERE NOT closed AND EXISTS (
           SELECT FROM payments WHERE payments.order_id = mine.order_id AND payments.status = 'succeeded'))
  ) AS unbalanced
