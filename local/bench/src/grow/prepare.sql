-- Prepares a session for copies of an order. Its triggers do not run, because the copies contain what they would write: the rows of
-- events and of the history. Nor are foreign keys checked.
SET session_replication_role = replica;
SET synchronous_commit = off;

CREATE TEMP TABLE stored (
  n        bigint      PRIMARY KEY,
  placed   timestamptz NOT NULL,
  order_id text        NOT NULL,
  user_id  text        NOT NULL,
  events   text[]      NOT NULL
);

-- Time of the n-th stored order: in the past, and ascending like the time of real orders.
CREATE FUNCTION pg_temp.stored_at(n bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT timestamptz '2020-01-01 00:00:00+00' + n * interval '10 seconds'
$$;

-- The id of a row of the n-th order: a UUID of version 7, as those of real orders and events, so that indexes grow in the same way.
CREATE FUNCTION pg_temp.stored_id(n bigint, part integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM pg_temp.stored_at(n)) * 1000)::bigint + part), 12, '0')
    || '7' || left(md5(n || ':' || part), 3) || 'a' || right(md5(n || ':' || part), 15))::uuid::text
$$;

-- Copies the order `template` as the orders `first` to `last`.
CREATE FUNCTION pg_temp.store_orders(template text, first bigint, last bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE stored;
  INSERT INTO stored
  SELECT n, pg_temp.stored_at(n), pg_temp.stored_id(n, 0), 'stored-' || md5((n / 20)::text),
         ARRAY[pg_temp.stored_id(n, 1), pg_temp.stored_id(n, 2), pg_temp.stored_id(n, 3)]
  FROM generate_series(first, last) AS n;
  ANALYZE stored;

  INSERT INTO orders (order_id, user_id, restaurant_id, address, placed, order_valid, payment_valid, approved, driver_assigned,
                      food_picked, delivered, created, total)
  SELECT s.order_id, s.user_id, o.restaurant_id, o.address, o.placed, o.order_valid, o.payment_valid, o.approved, o.driver_assigned,
         o.food_picked, o.delivered, s.placed, o.total
  FROM stored AS s CROSS JOIN orders AS o
  WHERE o.order_id = template
  ORDER BY s.n;

  INSERT INTO items (order_id, item, quantity)
  SELECT s.order_id, i.item, i.quantity
  FROM stored AS s CROSS JOIN items AS i
  WHERE i.order_id = template
  ORDER BY s.n, i.id;

  INSERT INTO payments (order_id, type, amount, status, attempt, card_last4, created, payer, idempotency_key)
  SELECT s.order_id, p.type, p.amount, p.status, p.attempt, p.card_last4, s.placed + interval '1 second', s.user_id,
         gen_random_uuid()::text
  FROM stored AS s CROSS JOIN payments AS p
  WHERE p.order_id = template
  ORDER BY s.n, p.id;

  INSERT INTO simulated_gateway_charges (key, amount, card_last4, created, card_hash)
  SELECT own.idempotency_key, c.amount, c.card_last4, own.created, c.card_hash
  FROM stored AS s
  JOIN payments AS own USING (order_id)
  CROSS JOIN payments AS p
  JOIN simulated_gateway_charges AS c ON c.key = p.idempotency_key
  WHERE p.order_id = template
  ORDER BY s.n;

  INSERT INTO assignment (order_id, driver_id, created, delivered)
  SELECT s.order_id, 1 + s.n % 50, s.placed + interval '2 seconds', a.delivered
  FROM stored AS s CROSS JOIN assignment AS a
  WHERE a.order_id = template
  ORDER BY s.n;

  CREATE TEMP TABLE IF NOT EXISTS template_events AS
  SELECT *, row_number() OVER (ORDER BY created_at, id) AS number
  FROM hdb_catalog.event_log
  WHERE payload #>> '{data,new,order_id}' = template;

  INSERT INTO order_history (order_id, at, step, outcome, event_id, attempt)
  SELECT s.order_id, s.placed + (h.at - o.created), h.step, h.outcome, s.events[e.number], h.attempt
  FROM stored AS s
  CROSS JOIN order_history AS h
  JOIN orders AS o ON o.order_id = h.order_id
  LEFT JOIN template_events AS e ON e.id = h.event_id
  WHERE h.order_id = template
  ORDER BY s.n, h.id;

  INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, delivered, error, tries, created_at,
                                     next_retry_at, archived)
  SELECT s.events[e.number], e.schema_name, e.table_name, e.trigger_name, replace(e.payload::text, template, s.order_id)::jsonb,
         e.delivered, e.error, e.tries, timezone('utc', s.placed), timezone('utc', s.placed) + (e.next_retry_at - e.created_at),
         e.archived
  FROM stored AS s CROSS JOIN template_events AS e
  ORDER BY s.n, e.number;

  INSERT INTO hdb_catalog.event_invocation_logs (event_id, status, request, response, created_at)
  SELECT s.events[e.number], l.status, replace(replace(l.request::text, template, s.order_id), e.id, s.events[e.number])::json,
         replace(l.response::text, template, s.order_id)::json, timezone('utc', s.placed)
  FROM stored AS s
  CROSS JOIN template_events AS e
  JOIN hdb_catalog.event_invocation_logs AS l ON l.event_id = e.id
  ORDER BY s.n, e.number;
END $$;
