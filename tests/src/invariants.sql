-- What must hold of every order, at any moment, whatever was delivered twice, late, in any order or half: a row for each
-- thing that does not. The rules are those of docs/architecture.md, "Invariants".
SELECT order_id, 'approved but not valid and paid' AS broken
FROM orders WHERE approved AND NOT (order_valid IS TRUE AND payment_valid IS TRUE)
UNION ALL
SELECT order_id, 'assigned but not approved'
FROM orders WHERE driver_assigned AND NOT approved
UNION ALL
SELECT order_id, 'refused but valid'
FROM orders WHERE problem IS NOT NULL AND order_valid
UNION ALL
SELECT order_id, 'valid without a total'
FROM orders WHERE order_valid AND total IS NULL
UNION ALL
SELECT order_id, 'assigned without exactly one assignment'
FROM orders WHERE driver_assigned <> (1 = (SELECT count(*) FROM assignment AS a WHERE a.order_id = orders.order_id))
UNION ALL
SELECT order_id, 'more than one succeeded payment'
FROM payments WHERE status = 'succeeded' GROUP BY order_id HAVING count(*) > 1
UNION ALL
SELECT p.order_id, 'paid another amount than the total'
FROM payments AS p JOIN orders AS o USING (order_id) WHERE p.status = 'succeeded' AND p.amount IS DISTINCT FROM o.total
UNION ALL
SELECT p.order_id, 'a succeeded payment that the order does not show'
FROM payments AS p JOIN orders AS o USING (order_id) WHERE p.status = 'succeeded' AND o.payment_valid IS NOT TRUE
UNION ALL
-- The ledger of the gateway, in which each charge has the key of an attempt.
SELECT p.order_id, 'charged more than once'
FROM simulated_gateway_charges AS c JOIN payments AS p ON p.idempotency_key = c.key
WHERE c.decline_code IS NULL GROUP BY 1 HAVING count(*) > 1
UNION ALL
SELECT c.key, 'charged without an attempt'
FROM simulated_gateway_charges AS c
WHERE NOT EXISTS (SELECT FROM payments AS p WHERE p.idempotency_key = c.key)
UNION ALL
SELECT p.order_id, 'succeeded without exactly this charge'
FROM payments AS p
LEFT JOIN simulated_gateway_charges AS c ON c.key = p.idempotency_key AND c.decline_code IS NULL AND c.amount = p.amount
WHERE p.status = 'succeeded' AND c.key IS NULL
UNION ALL
SELECT order_id, 'told twice: ' || outcome
FROM order_history
WHERE outcome IN ('validated', 'refused', 'paid', 'approved', 'picked_up', 'delivered', 'waiting',
                  'cancelled', 'rejected', 'expired', 'failed', 'refunded')
  -- An order that an administrator marked as paid, without an attempt, may also be paid.
  AND NOT (outcome = 'paid' AND attempt IS NULL)
GROUP BY order_id, step, outcome HAVING count(*) > 1
UNION ALL
SELECT order_id, 'another number of assignments than of releases and the present one'
FROM orders AS o
WHERE (SELECT count(*) FROM order_history AS h WHERE h.order_id = o.order_id AND h.outcome = 'assigned')
      <> o.reassignments + o.driver_assigned::integer
UNION ALL
SELECT order_id, 'closed in several ways'
FROM orders WHERE cancelled::integer + rejected::integer + expired::integer + delivery_failed::integer > 1
UNION ALL
SELECT order_id, 'closed by the customer or the restaurant, or expired, after a step that excludes it'
FROM orders WHERE ((cancelled OR rejected) AND approved) OR (expired AND driver_assigned)
UNION ALL
SELECT order_id, 'closed without history'
FROM orders AS o
WHERE closed <> EXISTS (
  SELECT FROM order_history AS h WHERE h.order_id = o.order_id AND h.outcome IN ('cancelled', 'rejected', 'expired', 'failed')
)
UNION ALL
SELECT order_id, 'refunded although it is open'
FROM refunds JOIN orders USING (order_id) WHERE NOT closed
UNION ALL
-- Money returned: at most once per charge, and only for a refund of this application.
SELECT charge_key, 'refunded more than once'
FROM simulated_gateway_refunds GROUP BY 1 HAVING count(*) > 1
UNION ALL
SELECT g.key, 'another refund than requested'
FROM simulated_gateway_refunds AS g
LEFT JOIN refunds AS r ON r.key = g.key AND r.amount = g.amount
LEFT JOIN payments AS p ON p.id = r.payment_id AND p.idempotency_key = g.charge_key AND p.amount = g.amount
WHERE p.id IS NULL
UNION ALL
SELECT r.order_id, 'shown as refunded without a refund of the gateway'
FROM refunds AS r
WHERE r.status = 'succeeded' AND NOT EXISTS (SELECT FROM simulated_gateway_refunds AS g WHERE g.key = r.key)
UNION ALL
SELECT order_id, 'changed without history'
FROM orders AS o
WHERE (order_valid OR problem IS NOT NULL)
  AND NOT EXISTS (SELECT FROM order_history AS h WHERE h.order_id = o.order_id AND h.outcome IN ('validated', 'refused'))
ORDER BY 1, 2
