-- restaurant-approval: $1 order_id, $2 event_id, $3 attempt, $4 traceparent.
-- Returns no row for an unknown order, otherwise: valid, paid, refused, approved, closed (before this statement), is_open,
-- auto_approves, moved.
WITH state AS (
  SELECT o.order_id,
         o.trace_id,
         o.order_valid IS TRUE                     AS valid,
         o.payment_valid IS TRUE                   AS paid,
         o.problem IS NOT NULL                     AS refused,
         o.approved,
         o.closed,
         r.id IS NOT NULL AND r.open               AS is_open,
         r.id IS NOT NULL AND r.open AND r.auto_approve AS auto_approves
  FROM orders AS o
  LEFT JOIN restaurants AS r ON r.id = o.restaurant_id
  WHERE o.order_id = $1
),
-- The guard reads the columns of the row itself, so that Postgres checks it against their newest version.
moved AS (
  UPDATE orders AS o
  SET approved = true
  FROM state
  WHERE o.order_id = state.order_id
    AND o.order_valid AND o.payment_valid AND NOT o.approved AND NOT o.closed
    AND state.auto_approves
  RETURNING o.order_id, continue_trace(o.trace_id, $4) AS trace_id
),
history AS (
  INSERT INTO order_history (order_id, step, outcome, event_id, attempt, trace_id)
  SELECT order_id, 'restaurant-approval', 'approved', $2, $3, trace_id
  FROM moved
  UNION ALL
  SELECT order_id, 'restaurant-approval', 'waiting', $2, $3, trace_id
  FROM state
  WHERE valid AND paid AND NOT approved AND NOT closed AND NOT auto_approves
  ON CONFLICT (order_id, step) WHERE outcome = 'waiting' DO NOTHING
)
SELECT state.valid, state.paid, state.refused, state.approved, state.closed, state.is_open, state.auto_approves,
       moved.order_id IS NOT NULL AS moved
FROM state LEFT JOIN moved ON true
