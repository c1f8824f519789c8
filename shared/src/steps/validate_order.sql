-- validate-order: $1 order_id, $2 event_id, $3 attempt, $4 whether dishes of other restaurants are accepted, too,
-- $5 traceparent.
-- Returns no row for an unknown order, otherwise: decided, closed (before this statement), moved, total, problem.
WITH state AS (
  SELECT o.order_id,
         o.xmin AS version,
         o.order_valid IS TRUE OR o.problem IS NOT NULL AS decided,
         o.closed,
         bill.total,
         -- All problems, not only the first one, so that the customer can fix them together.
         nullif(concat_ws(' ',
           CASE WHEN r.id IS NULL  THEN format('There is no restaurant %s.', o.restaurant_id)
                -- By its switch, or by its hours when the order was placed: validation may be late.
                WHEN NOT r.open OR hours.opens_at IS NOT NULL THEN format('%s is closed.', r.name) END,
           CASE WHEN o.address !~ '\S' THEN 'Please enter a delivery address.' END,
           CASE WHEN bill.lines = 0    THEN 'The order has no items.' END,
           bill.unknown,
           bill.unavailable,
           CASE WHEN bill.total > 2147483647 THEN 'The order is too large.' END), '') AS problem
  FROM orders AS o
  LEFT JOIN restaurants AS r ON r.id = o.restaurant_id
  CROSS JOIN LATERAL next_opening(o.restaurant_id, o.created) AS hours
  CROSS JOIN LATERAL (
    SELECT count(*)                                                    AS lines,
           sum(coalesce(own.price, other.price)::bigint * i.quantity)  AS total,
           string_agg(DISTINCT format(CASE WHEN other.name IS NULL THEN '%s is not on the menu.'
                                           ELSE '%s is not on the menu of %s.' END, i.item, r.name), ' ')
             -- That the restaurant does not exist is reported once, not for each dish.
             FILTER (WHERE own.name IS NULL AND (other.name IS NULL OR NOT ($4 OR r.id IS NULL))) AS unknown,
           string_agg(DISTINCT i.item || ' is sold out.', ' ')
             FILTER (WHERE NOT own.available OR (NOT other.available AND ($4 OR r.id IS NULL))) AS unavailable
    FROM items AS i
    LEFT JOIN menu_items AS own ON own.restaurant_id = o.restaurant_id AND own.name = i.item
    -- The same dish of another restaurant; read only if the restaurant does not sell it.
    LEFT JOIN LATERAL (
      SELECT m.name, m.price, m.available
      FROM menu_items AS m
      WHERE own.name IS NULL AND m.name = i.item
      ORDER BY m.restaurant_id
      LIMIT 1
    ) AS other ON true
    WHERE i.order_id = o.order_id
  ) AS bill
  WHERE o.order_id = $1
),
-- The guard is the version of the row: the result above is valid for the order and the items that were read together. A
-- transaction that decides the order, or changes its items (schema.sql, check_items_of_undecided_order), creates a new version.
moved AS (
  UPDATE orders AS o
  SET order_valid = state.problem IS NULL,
      problem     = state.problem,
      total       = CASE WHEN state.problem IS NULL THEN state.total END
  FROM state
  WHERE o.order_id = state.order_id AND o.xmin = state.version AND NOT state.decided AND NOT state.closed
  RETURNING o.order_id, o.total, o.problem, continue_trace(o.trace_id, $5) AS trace_id
),
history AS (
  INSERT INTO order_history (order_id, step, outcome, event_id, attempt, trace_id)
  SELECT order_id, 'validate-order', CASE WHEN problem IS NULL THEN 'validated' ELSE 'refused' END, $2, $3, trace_id
  FROM moved
)
SELECT state.decided, state.closed, moved.order_id IS NOT NULL AS moved, moved.total, moved.problem
FROM state LEFT JOIN moved ON true
