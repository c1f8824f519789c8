-- validate-order, whole: $1 order_id, $2 event_id, $3 attempt.
-- Returns no row for an unknown order, else: decided (before), moved, total, problem.
WITH seen AS (
  SELECT o.order_id,
         o.xmin AS version,
         o.order_valid IS TRUE OR o.problem IS NOT NULL AS decided,
         bill.total,
         -- Everything that is wrong, not only the first: the customer should not have to find out one by one.
         nullif(concat_ws(' ',
           CASE WHEN r.id IS NULL  THEN format('There is no restaurant %s.', o.restaurant_id)
                WHEN NOT r.open    THEN format('%s is closed.', r.name) END,
           CASE WHEN o.address !~ '\S' THEN 'The address is blank.' END,
           CASE WHEN bill.lines = 0    THEN 'The order has no items.' END,
           'Not on the menu: ' || bill.unknown || '.',
           'Not available at the moment: ' || bill.unavailable || '.',
           CASE WHEN bill.total > 2147483647 THEN 'The order is too large.' END), '') AS problem
  FROM orders AS o
  LEFT JOIN restaurants AS r ON r.id = o.restaurant_id
  CROSS JOIN LATERAL (
    SELECT count(*)                                                    AS lines,
           sum(m.price::bigint * i.quantity)                           AS total,
           string_agg(DISTINCT i.item, ', ') FILTER (WHERE m.name IS NULL)  AS unknown,
           string_agg(DISTINCT i.item, ', ') FILTER (WHERE NOT m.available) AS unavailable
    FROM items AS i
    LEFT JOIN menu_items AS m ON m.name = i.item
    WHERE i.order_id = o.order_id
  ) AS bill
  WHERE o.order_id = $1
),
-- The guard is the row's version: the verdict above holds for the order and the items that were read together. Whoever
-- decides the order, or changes its items (schema.sql, check_items_of_undecided_order), makes another version of it.
moved AS (
  UPDATE orders AS o
  SET order_valid = seen.problem IS NULL,
      problem     = seen.problem,
      total       = CASE WHEN seen.problem IS NULL THEN seen.total END
  FROM seen
  WHERE o.order_id = seen.order_id AND o.xmin = seen.version AND NOT seen.decided
  RETURNING o.order_id, o.total, o.problem
),
noted AS (
  INSERT INTO order_history (order_id, step, outcome, event_id, attempt)
  SELECT order_id, 'validate-order', CASE WHEN problem IS NULL THEN 'validated' ELSE 'refused' END, $2, $3
  FROM moved
)
SELECT seen.decided, moved.order_id IS NOT NULL AS moved, moved.total, moved.problem
FROM seen LEFT JOIN moved ON true
