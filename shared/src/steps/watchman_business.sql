-- watchman, business: what happened in one minute, the last one but one, so that the transactions of that minute have ended. Returns its
-- start in seconds since 1970, the numbers of orders that were placed, paid, assigned and refunded, and for up to 100 of the assigned
-- ones the seconds from the payment to the driver. Rows are found by the indexes on orders.created and order_history.at.
WITH counted AS (
  SELECT date_trunc('minute', now()) - interval '2 minutes' AS start
),
happened AS (
  SELECT h.order_id, h.at, h.outcome
  FROM order_history AS h, counted
  WHERE h.at >= counted.start AND h.at < counted.start + interval '1 minute' AND h.outcome IN ('paid', 'assigned', 'refunded')
)
SELECT extract(epoch FROM counted.start)::bigint AS start,
       (
         SELECT count(*) FROM orders AS o WHERE o.created >= counted.start AND o.created < counted.start + interval '1 minute'
       )::integer AS placed,
       (SELECT count(*) FROM happened WHERE outcome = 'paid')::integer     AS paid,
       (SELECT count(*) FROM happened WHERE outcome = 'assigned')::integer AS assigned,
       (SELECT count(*) FROM happened WHERE outcome = 'refunded')::integer AS refunded,
       ARRAY(
         SELECT extract(epoch FROM a.at - paid.at)::double precision
         FROM (SELECT order_id, at FROM happened WHERE outcome = 'assigned' LIMIT 100) AS a
         CROSS JOIN LATERAL (
           SELECT min(p.at) AS at FROM order_history AS p WHERE p.order_id = a.order_id AND p.outcome = 'paid'
         ) AS paid
         WHERE paid.at IS NOT NULL
       ) AS to_driver
FROM counted
