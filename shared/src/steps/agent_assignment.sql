-- agent-assignment: $1 order_id, $2 event_id, $3 attempt, $4 traceparent.
-- Returns no row for an unknown order, otherwise: valid, paid, refused, approved, assigned (before this statement), closed, overdue,
-- driver_available, driver_id (if this statement assigned a driver).
WITH state AS (
  SELECT o.order_id,
         o.trace_id,
         o.order_valid IS TRUE   AS valid,
         o.payment_valid IS TRUE AS paid,
         o.problem IS NOT NULL   AS refused,
         o.approved,
         o.driver_assigned       AS assigned,
         o.closed,
         -- As in expire_orders.sql, which closes it. Orders of earlier versions have no deadline.
         coalesce(o.assign_by <= now(), false) AS overdue,
         o.reassignments
  FROM orders AS o
  WHERE o.order_id = $1
),
-- Two random available drivers, and of these the one with fewer undelivered orders: nearly as even as comparing all
-- drivers, and without a counter that each assignment would have to lock. Drivers that declined the order are not asked again. Counting stops at 20, in an index of undelivered
-- orders only, so the cost does not grow with the number of orders.
chosen AS (
  SELECT candidate.id, candidate.auto_accept
  FROM (
    SELECT d.id, d.auto_accept
    FROM drivers AS d
    WHERE d.available
      AND NOT EXISTS (SELECT FROM declined_assignments AS x WHERE x.order_id = $1 AND x.driver_id = d.id)
    ORDER BY random()
    LIMIT 2
  ) AS candidate
  ORDER BY (
    SELECT count(*)
    FROM (
      SELECT FROM assignment AS a WHERE a.driver_id = candidate.id AND NOT a.delivered LIMIT 20
    ) AS undelivered
  )
  LIMIT 1
),
-- The guard reads the columns of the row itself, so that Postgres checks it against their newest version. An order that was released
-- since `chosen` was read has another number of reassignments: the driver that declined it is not assigned again.
moved AS (
  UPDATE orders AS o
  SET driver_assigned = true
  FROM chosen, state
  WHERE o.order_id = state.order_id AND o.reassignments = state.reassignments
    AND o.order_valid AND o.payment_valid AND o.approved AND NOT o.driver_assigned AND NOT o.closed
    AND coalesce(o.assign_by > now(), true)
  RETURNING o.order_id, chosen.id AS driver_id, chosen.auto_accept, continue_trace(o.trace_id, $4) AS trace_id
),
-- A driver who was assigned manually before is kept: one driver per order.
assigned AS (
  INSERT INTO assignment (order_id, driver_id, accepted, accept_by)
  SELECT order_id, driver_id, auto_accept,
         CASE WHEN NOT auto_accept THEN now() + (SELECT accept_within FROM workflow_settings) END
  FROM moved
  ON CONFLICT (order_id) DO UPDATE SET driver_id = assignment.driver_id
  RETURNING driver_id
),
history AS (
  INSERT INTO order_history (order_id, step, outcome, event_id, attempt, trace_id)
  SELECT order_id, 'agent-assignment', 'assigned', $2, $3, trace_id
  FROM moved
  UNION ALL
  SELECT order_id, 'agent-assignment', 'waiting', $2, $3, trace_id
  FROM state
  WHERE valid AND paid AND approved AND NOT assigned AND NOT closed AND NOT overdue AND NOT EXISTS (SELECT FROM chosen)
  ON CONFLICT (order_id, step) WHERE outcome = 'waiting' DO NOTHING
)
SELECT state.valid, state.paid, state.refused, state.approved, state.assigned, state.closed, state.overdue,
       EXISTS (SELECT FROM chosen) AS driver_available,
       (SELECT driver_id FROM assigned) AS driver_id
FROM state
