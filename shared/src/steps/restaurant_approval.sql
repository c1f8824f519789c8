-- restaurant-approval, whole: $1 order_id, $2 event_id, $3 attempt.
-- Returns no row for an unknown order, else: valid, paid, refused, approved (before), is_open, approves_itself, moved.
WITH seen AS (
  SELECT o.order_id,
         o.order_valid IS TRUE                     AS valid,
         o.payment_valid IS TRUE                   AS paid,
         o.problem IS NOT NULL                     AS refused,
         o.approved,
         r.id IS NOT NULL AND r.open               AS is_open,
         r.id IS NOT NULL AND r.open AND r.auto_approve AS approves_itself
  FROM orders AS o
  LEFT JOIN restaurants AS r ON r.id = o.restaurant_id
  WHERE o.order_id = $1
),
-- The guard reads the columns of the row itself, so that it is checked against the newest version.
moved AS (
  UPDATE orders AS o
  SET approved = true
  FROM seen
  WHERE o.order_id = seen.order_id
    AND o.order_valid AND o.payment_valid AND NOT o.approved
    AND seen.approves_itself
  RETURNING o.order_id
),
noted AS (
  INSERT INTO order_history (order_id, step, outcome, event_id, attempt)
  SELECT order_id, 'restaurant-approval', 'approved', $2, $3
  FROM moved
  UNION ALL
  SELECT order_id, 'restaurant-approval', 'waiting', $2, $3
  FROM seen
  WHERE valid AND paid AND NOT approved AND NOT approves_itself
  ON CONFLICT (order_id, step) WHERE outcome = 'waiting' DO NOTHING
)
SELECT seen.valid, seen.paid, seen.refused, seen.approved, seen.is_open, seen.approves_itself,
       moved.order_id IS NOT NULL AS moved
FROM seen LEFT JOIN moved ON true
