-- agent-assignment: $1 order_id, $2 event_id, $3 attempt.
-- Returns no row for an unknown order, otherwise: valid, paid, refused, approved, assigned (before this statement),
-- driver_available, driver_id (if this statement assigned a driver).
WITH state AS (
  SELECT o.order_id,
         o.order_valid IS TRUE   AS valid,
         o.payment_valid IS TRUE AS paid,
         o.problem IS NOT NULL   AS refused,
         o.approved,
         o.driver_assigned       AS assigned
  FROM orders AS o
  WHERE o.order_id = $1
),
-- Two random available drivers, and of these the one with fewer undelivered orders: nearly as even as comparing all
-- drivers, and without a counter that each assignment would have to lock. Counting stops at 20, in an index of undelivered
-- orders only, so the cost does not grow with the number of orders.
chosen AS (
  SELECT candidate.id
  FROM (
    SELECT d.id FROM drivers AS d WHERE d.available ORDER BY random() LIMIT 2
  ) AS candidate
  ORDER BY (
    SELECT count(*)
    FROM (
      SELECT FROM assignment AS a WHERE a.driver_id = candidate.id AND NOT a.delivered LIMIT 20
    ) AS undelivered
  )
  LIMIT 1
),
-- The guard reads the columns of the row itself, so that Postgres checks it against their newest version.
moved AS (
  UPDATE orders AS o
  SET driver_assigned = true
  FROM chosen
  WHERE o.order_id = $1
    AND o.order_valid AND o.payment_valid AND o.approved AND NOT o.driver_assigned
  RETURNING o.order_id, chosen.id AS driver_id
),
-- A driver who was assigned manually before is kept: one driver per order.
assigned AS (
  INSERT INTO assignment (order_id, driver_id)
  SELECT order_id, driver_id FROM moved
  ON CONFLICT (order_id) DO UPDATE SET driver_id = assignment.driver_id
  RETURNING driver_id
),
history AS (
  INSERT INTO order_history (order_id, step, outcome, event_id, attempt)
  SELECT order_id, 'agent-assignment', 'assigned', $2, $3
  FROM moved
  UNION ALL
  SELECT order_id, 'agent-assignment', 'waiting', $2, $3
  FROM state
  WHERE valid AND paid AND approved AND NOT assigned AND NOT EXISTS (SELECT FROM chosen)
  ON CONFLICT (order_id, step) WHERE outcome = 'waiting' DO NOTHING
)
SELECT state.valid, state.paid, state.refused, state.approved, state.assigned,
       EXISTS (SELECT FROM chosen) AS driver_available,
       (SELECT driver_id FROM assigned) AS driver_id
FROM state
