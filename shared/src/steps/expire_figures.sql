-- expire-orders, figures of the dashboard: sums up one hour, or again one in which an order has changed since.
-- Returns the hour; no row if there is none.
--
-- An hour is summed up three and a quarter hours after its end (schema.sql, note_late_change). Hours that are older than eight days are
-- removed with the next one.
WITH limits AS (
  SELECT figures.start_of(now() - interval '8 days', 3600)                  AS first,
         figures.start_of(now() - interval '3 hours 15 minutes', 3600)      AS until
),
due AS MATERIALIZED (
  SELECT hour, first
  FROM limits
  CROSS JOIN LATERAL (
    SELECT coalesce(
      (SELECT min(c.hour) FROM figures.late_changes AS c
       WHERE c.hour >= first AND EXISTS (SELECT FROM figures.hours AS h WHERE h.hour = c.hour)),
      (SELECT greatest(max(h.hour) + interval '1 hour', first) FROM figures.hours AS h HAVING count(*) > 0),
      (SELECT figures.start_of(min(o.created), 3600) FROM orders AS o WHERE o.created >= first)
    ) AS hour
  ) AS next
  WHERE hour < until
),
noted AS (
  DELETE FROM figures.late_changes AS c USING due WHERE c.hour = due.hour OR c.hour < due.first
),
forgotten AS (
  DELETE FROM figures.hours AS h USING due WHERE h.hour < due.first
),
summed AS (
  INSERT INTO figures.hours (hour) SELECT hour FROM due
  ON CONFLICT DO NOTHING
),
orders_of_hour AS MATERIALIZED (
  SELECT due.hour, o.* FROM due CROSS JOIN LATERAL figures.of_orders(due.hour, due.hour + interval '1 hour') AS o
),
deliveries AS (
  SELECT restaurant_id, array_agg(ms ORDER BY ms) AS ms, array_agg(orders ORDER BY ms) AS orders
  FROM (
    SELECT o.restaurant_id, exp(round(ln(greatest(d.ms, 1)) / ln(1.02::double precision)) * ln(1.02::double precision)) AS ms,
           count(*) AS orders
    FROM orders_of_hour AS o CROSS JOIN LATERAL unnest(o.delivery_ms) AS d (ms)
    GROUP BY 1, 2
  ) AS rounded
  GROUP BY restaurant_id
),
restaurants_of_hour AS (
  INSERT INTO figures.restaurant_hours (
    hour, restaurant_id, orders, paid, delivered, cancelled, rejected, expired, failed, refused, revenue, refunded,
    priced, totals, delivery_ms, delivery_orders
  )
  SELECT o.hour, o.restaurant_id, o.orders, o.paid, o.delivered, o.cancelled, o.rejected, o.expired, o.failed, o.refused,
         o.revenue, o.refunded, o.priced, o.totals, coalesce(d.ms, '{}'), coalesce(d.orders, '{}')
  FROM orders_of_hour AS o LEFT JOIN deliveries AS d ON d.restaurant_id = o.restaurant_id
  ON CONFLICT (hour, restaurant_id) DO UPDATE
  SET orders = excluded.orders, paid = excluded.paid, delivered = excluded.delivered, cancelled = excluded.cancelled,
      rejected = excluded.rejected, expired = excluded.expired, failed = excluded.failed, refused = excluded.refused,
      revenue = excluded.revenue, refunded = excluded.refunded, priced = excluded.priced, totals = excluded.totals,
      delivery_ms = excluded.delivery_ms, delivery_orders = excluded.delivery_orders
),
-- Restaurants of which no order of this hour is left.
without_orders AS (
  DELETE FROM figures.restaurant_hours AS r USING due
  WHERE r.hour = due.hour
    AND NOT EXISTS (SELECT FROM orders_of_hour AS o WHERE o.restaurant_id = r.restaurant_id)
),
reached AS MATERIALIZED (
  SELECT due.hour, figures.start_of(r.at, 900) AS quarter, r.state, count(*) AS orders
  FROM due CROSS JOIN LATERAL figures.reached_between(due.hour, due.hour + interval '1 hour') AS r
  GROUP BY 1, 2, 3
),
states_of_hour AS (
  INSERT INTO figures.reached (hour, quarter, state, orders) SELECT hour, quarter, state, orders FROM reached
  ON CONFLICT (hour, quarter, state) DO UPDATE SET orders = excluded.orders
),
states_without_orders AS (
  DELETE FROM figures.reached AS f USING due
  WHERE f.hour = due.hour
    AND NOT EXISTS (SELECT FROM reached AS r WHERE r.quarter = f.quarter AND r.state = f.state)
)
SELECT hour::text AS hour FROM due
