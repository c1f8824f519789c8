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
WHERE outcome IN ('validated', 'refused', 'paid', 'approved', 'assigned', 'picked_up', 'delivered', 'waiting')
GROUP BY order_id, step, outcome HAVING count(*) > 1
UNION ALL
SELECT order_id, 'changed without history'
FROM orders AS o
WHERE (order_valid OR problem IS NOT NULL)
  AND NOT EXISTS (SELECT FROM order_history AS h WHERE h.order_id = o.order_id AND h.outcome IN ('validated', 'refused'))
ORDER BY 1, 2
