-- watchman, orders: $1 number of seconds after which an order is stuck. Returns the number of orders whose next step belongs to a
-- function that has not run; at most 1000 are counted. An order that waits for its restaurant or for a driver is not stuck.
SELECT count(*)::integer AS stuck
FROM (
  SELECT
  FROM stuck_orders
  WHERE created >= (SELECT now() - look_back FROM workflow_settings)
    AND next_step NOT IN ('pick-up', 'delivery')  -- these are done by drivers
    AND last_outcome IS DISTINCT FROM 'waiting'
    AND since < now() - make_interval(secs => $1)
  LIMIT 1000
) AS stuck
