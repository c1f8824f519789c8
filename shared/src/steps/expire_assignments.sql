-- expire-orders, assignments that end: $1 maximum number of rows, $2 whether orders have to be picked up in time, $3 orders to skip, $4
-- whether nothing is changed.
-- Returns the number of assignments that were released, and the order of the first one that was found.
--
-- Assignments that were not answered in time, those of drivers that went off duty while they were assigned, and those whose food was not
-- picked up in time. Each kind is found by its index.
WITH ended AS (
  SELECT a.order_id
  FROM (
    SELECT order_id FROM assignment WHERE NOT accepted AND accept_by <= now()
    UNION
    SELECT x.order_id FROM drivers AS d JOIN assignment AS x ON x.driver_id = d.id AND NOT x.delivered WHERE NOT d.available
    UNION
    SELECT order_id FROM assignment
    WHERE $2 AND NOT delivered AND created <= (SELECT now() - pick_up_within FROM workflow_settings)
  ) AS candidate
  JOIN assignment AS a ON a.order_id = candidate.order_id
  JOIN orders AS o ON o.order_id = a.order_id
  WHERE NOT a.declined AND NOT a.delivered
    AND o.driver_assigned AND NOT o.food_picked AND NOT o.closed
    AND ((NOT a.accepted AND a.accept_by <= now())
         OR EXISTS (SELECT FROM drivers AS d WHERE d.id = a.driver_id AND NOT d.available)
         -- Not those of older orders, which expire-orders does not close: no driver expects them.
         OR ($2 AND a.accepted AND a.created <= (SELECT now() - pick_up_within FROM workflow_settings)
             AND o.created >= (SELECT now() - look_back FROM workflow_settings)))
    AND a.order_id <> ALL ($3)
  ORDER BY a.created
  LIMIT $1
  FOR NO KEY UPDATE OF o, a SKIP LOCKED
),
released AS (
  UPDATE assignment AS a
  SET declined = true
  FROM ended
  WHERE a.order_id = ended.order_id AND NOT $4
  RETURNING a.order_id
)
SELECT (SELECT count(*) FROM released)::integer AS released,
       (SELECT order_id FROM ended LIMIT 1)     AS first
