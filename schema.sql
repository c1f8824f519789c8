-- Schema of the food ordering application: tables, constraints, triggers, and the views of the dashboard.
--
--     psql -v ON_ERROR_STOP=1 --single-transaction -f schema.sql "$DATABASE_URL"
--
-- or Hasura's `run_sql` with this file as its `sql`. It is idempotent, and upgrades its own previous versions and the schema of
-- the Node.js example (hasura/3factor-example) with data. Postgres 13 and later.
--
-- Sections: tables · accounts · figures of past hours · status column · migration of older data · demo data · constraints · indexes ·
-- triggers · views · failed events · totals of older orders. It is one file (docs/decisions/0022-the-schema-is-one-file.md). After it, apply infra/function-roles.sql.
-- Amounts are integers in the smallest unit of the currency (cents).


-- Tables --------------------------------------------------------------------------------------------------------------
-- CREATE TABLE has the columns of the Node.js example, with the same names and types; the ALTER TABLE after it adds columns. So
-- an INSERT written for the Node.js example still works, and this file upgrades its database.

-- Trace of the running change, 32 hexadecimal digits: Hasura sets it for each mutation. Of a trace id with 64 bits, the first half is zero.
CREATE OR REPLACE FUNCTION trace_of_change() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT lpad(substring(current_setting('hasura.tracecontext', true)
                        FROM '"trace_id" *: *"([0-9a-f]{32}|[0-9a-f]{16})"'), 32, '0')
$$;

CREATE TABLE IF NOT EXISTS orders (
  order_id        text        PRIMARY KEY,
  user_id         text        NOT NULL,
  restaurant_id   integer     NOT NULL,                -- no foreign key: validation reports unknown restaurants
  address         text        NOT NULL,
  placed          boolean     NOT NULL DEFAULT false,  -- for the apps of the Node.js example; not used
  order_valid     boolean     DEFAULT false,           -- set by validate-order
  payment_valid   boolean,                             -- set by payment; null before the first payment
  approved        boolean     NOT NULL DEFAULT false,  -- set by restaurant-approval, or manually
  driver_assigned boolean     NOT NULL DEFAULT false,  -- set by agent-assignment
  food_picked     boolean     NOT NULL DEFAULT false,  -- set over GraphQL
  delivered       boolean     NOT NULL DEFAULT false,  -- set over GraphQL; a trigger below frees the driver
  created         timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE orders
  ADD COLUMN IF NOT EXISTS total   integer,            -- Σ price × quantity, when validated
  ADD COLUMN IF NOT EXISTS problem text,               -- why the order was refused, as shown to the customer
  -- Deadlines, set by triggers below; null: none. An order that misses one is closed by expire-orders.
  ADD COLUMN IF NOT EXISTS pay_by    timestamptz,      -- for the payment, from the insertion
  ADD COLUMN IF NOT EXISTS answer_by timestamptz,      -- for the answer of the restaurant, from the payment
  ADD COLUMN IF NOT EXISTS assign_by timestamptz,      -- for a driver, from the approval or a release
  -- At most one of these closes an order; a trigger below refuses illegal changes. See docs/workflow.md.
  ADD COLUMN IF NOT EXISTS cancelled       boolean  NOT NULL DEFAULT false,  -- by the customer, before the approval
  ADD COLUMN IF NOT EXISTS rejected        boolean  NOT NULL DEFAULT false,  -- by the restaurant, before the approval
  ADD COLUMN IF NOT EXISTS expired         boolean  NOT NULL DEFAULT false,  -- by expire-orders
  ADD COLUMN IF NOT EXISTS delivery_failed boolean  NOT NULL DEFAULT false,  -- by the driver, after the pick-up
  ADD COLUMN IF NOT EXISTS refund_requests smallint NOT NULL DEFAULT 0,      -- each change is an event for refund-payment
  ADD COLUMN IF NOT EXISTS reassignments   integer  NOT NULL DEFAULT 0,      -- number of times a driver released it
  ADD COLUMN IF NOT EXISTS close_reason    text,                             -- why it was closed, as shown to the customer
  ADD COLUMN IF NOT EXISTS note            text,                             -- of the customer to the restaurant
  ADD COLUMN IF NOT EXISTS preparation_minutes integer,                      -- given with the approval; null: those of the restaurant
  ADD COLUMN IF NOT EXISTS trace_id        text,                             -- trace that the order began; all its steps continue it
  ADD COLUMN IF NOT EXISTS closed          boolean
    GENERATED ALWAYS AS (cancelled OR rejected OR expired OR delivery_failed) STORED;
-- A default of the new column would also be that of the rows that exist.
ALTER TABLE orders ALTER COLUMN trace_id SET DEFAULT trace_of_change();
-- Each order is updated about five times. Its indexes contain no updated column, and pages have free space for the new row
-- versions, so that these updates are HOT: they write no index entries.
ALTER TABLE orders SET (fillfactor = 50);

CREATE TABLE IF NOT EXISTS items (
  id       serial PRIMARY KEY,
  order_id text   NOT NULL REFERENCES orders (order_id),
  item     text   NOT NULL                             -- no foreign key: validation reports unknown items
);
ALTER TABLE items
  ADD COLUMN IF NOT EXISTS quantity integer NOT NULL DEFAULT 1;

CREATE TABLE IF NOT EXISTS restaurants (
  id           integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY (START WITH 1001),  -- lower ids: demo data
  name         text    NOT NULL,
  open         boolean NOT NULL DEFAULT true,
  auto_approve boolean NOT NULL DEFAULT false          -- false: orders are approved manually
);
ALTER TABLE restaurants
  ADD COLUMN IF NOT EXISTS cuisine     text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS description text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS picture     text,           -- key of an illustration; null: the generic one
  -- Position on a square schematic map of the city, in percent of its width and height from the top left corner.
  ADD COLUMN IF NOT EXISTS x           real NOT NULL DEFAULT 50,
  ADD COLUMN IF NOT EXISTS y           real NOT NULL DEFAULT 50,
  ADD COLUMN IF NOT EXISTS preparation_minutes integer NOT NULL DEFAULT 15,
  ADD COLUMN IF NOT EXISTS time_zone   text NOT NULL DEFAULT 'UTC',  -- of its opening hours; a name of the IANA database
  ADD COLUMN IF NOT EXISTS paused_until timestamptz;   -- no orders are inserted for it until then; a trigger below refuses them

-- Hours in which a restaurant takes orders, while `open` is true. A restaurant without rows takes them at any time; one with rows is
-- closed on weekdays without one. The number of periods per weekday is limited, and so the number of rows.
CREATE TABLE IF NOT EXISTS opening_hours (
  restaurant_id integer  NOT NULL,
  weekday       smallint NOT NULL,                     -- 1: Monday, …, 7: Sunday
  period        smallint NOT NULL DEFAULT 1,           -- 1, 2 or 3 within the weekday
  opens         time     NOT NULL,
  closes        time     NOT NULL                      -- not later than `opens`: on the next day
);

-- Each restaurant has its own menu. A dish that is inserted without a restaurant, as in the Node.js example, is one of restaurant 1.
CREATE TABLE IF NOT EXISTS menu_items (
  name text NOT NULL
);
ALTER TABLE menu_items
  ADD COLUMN IF NOT EXISTS price         integer NOT NULL DEFAULT 500,
  ADD COLUMN IF NOT EXISTS available     boolean NOT NULL DEFAULT true,
  ADD COLUMN IF NOT EXISTS restaurant_id integer NOT NULL DEFAULT 1,
  ADD COLUMN IF NOT EXISTS category      text    NOT NULL DEFAULT 'Dishes',
  ADD COLUMN IF NOT EXISTS description   text    NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS picture       text,         -- key of an illustration; null: the generic one
  ADD COLUMN IF NOT EXISTS position      integer NOT NULL DEFAULT 0;  -- sort key within the menu

CREATE TABLE IF NOT EXISTS drivers (
  id        integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY (START WITH 1001),     -- lower ids: demo data
  name      text    NOT NULL,
  available boolean NOT NULL DEFAULT true              -- on duty; a driver that goes off duty releases its orders
);
ALTER TABLE drivers
  ADD COLUMN IF NOT EXISTS auto_accept boolean NOT NULL DEFAULT true;  -- false: assignments are accepted manually

-- Newest position of each driver on the map of the city (restaurants.x and y). It is updated every few seconds: without an index on
-- an updated column, and with free space in its pages, these updates are HOT.
CREATE TABLE IF NOT EXISTS driver_positions (
  driver_id integer     PRIMARY KEY REFERENCES drivers (id) ON DELETE CASCADE,
  x         real        NOT NULL,
  y         real        NOT NULL,
  at        timestamptz NOT NULL DEFAULT now()         -- set by a trigger below
);
ALTER TABLE driver_positions SET (fillfactor = 50);

-- One row per payment attempt. It is inserted when the attempt starts (`processing`, a claim that excludes other attempts) and
-- settled after the response of the payment gateway. Card number and security code are never stored, and the decline code is
-- generic where a reason would help a thief (shared/src/gateway.rs).
CREATE TABLE IF NOT EXISTS payments (
  id       serial  PRIMARY KEY,
  order_id text    NOT NULL REFERENCES orders (order_id),
  type     text    NOT NULL,
  amount   integer NOT NULL
);
ALTER TABLE payments
  ADD COLUMN IF NOT EXISTS status       text        NOT NULL DEFAULT 'succeeded',
  ADD COLUMN IF NOT EXISTS attempt      integer     NOT NULL DEFAULT 1,  -- 1, 2, … within the order
  ADD COLUMN IF NOT EXISTS card_last4   text,
  ADD COLUMN IF NOT EXISTS decline_code text,                            -- decline code of the gateway
  ADD COLUMN IF NOT EXISTS claim        uuid,                            -- id of the request that holds the claim
  ADD COLUMN IF NOT EXISTS claimed_at   timestamptz,                     -- start of the claim; see payment_claim.sql
  ADD COLUMN IF NOT EXISTS created      timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS payer        text,          -- account that made the attempt; null without identity (open mode)
  ADD COLUMN IF NOT EXISTS idempotency_key text;       -- random key of the attempt for the payment gateway

CREATE TABLE IF NOT EXISTS assignment (
  order_id  text    NOT NULL REFERENCES orders (order_id),
  driver_id integer NOT NULL
);
ALTER TABLE assignment
  ADD COLUMN IF NOT EXISTS created   timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS delivered boolean     NOT NULL DEFAULT false,  -- delivered, or failed to; set by a trigger below
  ADD COLUMN IF NOT EXISTS accepted  boolean     NOT NULL DEFAULT true,   -- false: the driver has to answer by accept_by
  ADD COLUMN IF NOT EXISTS declined  boolean     NOT NULL DEFAULT false,  -- set to hand the order back; a trigger deletes the row
  ADD COLUMN IF NOT EXISTS accept_by timestamptz;

-- Drivers that declined an order or did not answer; they are not asked again.
CREATE TABLE IF NOT EXISTS declined_assignments (
  order_id  text        NOT NULL REFERENCES orders (order_id),
  driver_id integer     NOT NULL REFERENCES drivers (id),
  declined  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, driver_id)
);

-- States of a refund; clients see them as a GraphQL enum. A refund is rare, so that its foreign key costs nothing on the way of an
-- order: those of orders and payments, which change several times per order, would lock a row of such a table each time.
CREATE TABLE IF NOT EXISTS refund_statuses (
  status      text PRIMARY KEY,
  description text NOT NULL
);
-- The comment selects the table for the set-up (local/stack/src/setup/tables.sql).
COMMENT ON TABLE refund_statuses IS 'States of a refund, exposed as a GraphQL enum';
INSERT INTO refund_statuses AS known (status, description) VALUES
  ('pending',   'The payment gateway is asked to return the payment.'),
  ('succeeded', 'The payment gateway has returned the payment.')
ON CONFLICT (status) DO UPDATE SET description = excluded.description WHERE known.description <> excluded.description;

-- One row per payment that is returned: inserted by refund-payment before the payment gateway is called, and settled afterwards.
CREATE TABLE IF NOT EXISTS refunds (
  id         serial      PRIMARY KEY,
  payment_id integer     NOT NULL REFERENCES payments (id),
  order_id   text        NOT NULL REFERENCES orders (order_id),
  amount     integer     NOT NULL,
  status     text        NOT NULL DEFAULT 'pending',
  key        text        NOT NULL,                     -- idempotency key for the payment gateway, derived from the payment's
  created    timestamptz NOT NULL DEFAULT now(),
  refunded   timestamptz                               -- response of the gateway
);

-- Time limits of the workflow: one row. A changed limit applies to deadlines that are set afterwards.
CREATE TABLE IF NOT EXISTS workflow_settings (
  id            boolean  PRIMARY KEY DEFAULT true CHECK (id),
  pay_within    interval NOT NULL DEFAULT '30 minutes',
  answer_within interval NOT NULL DEFAULT '15 minutes',
  assign_within interval NOT NULL DEFAULT '15 minutes',
  accept_within interval NOT NULL DEFAULT '2 minutes',
  look_back     interval NOT NULL DEFAULT '2 days'     -- orders older than this are not examined by expire-orders
);
ALTER TABLE workflow_settings
  ADD COLUMN IF NOT EXISTS pick_up_within interval NOT NULL DEFAULT '45 minutes',  -- from the assignment
  ADD COLUMN IF NOT EXISTS deliver_within interval NOT NULL DEFAULT '2 hours';     -- from the pick-up; for stuck_orders only
INSERT INTO workflow_settings DEFAULT VALUES ON CONFLICT DO NOTHING;

-- History of each order: one row per change of state, refusal and decline, and for the first time that a step had to wait.
-- Repeated deliveries that change nothing add no row.
CREATE TABLE IF NOT EXISTS order_history (
  id       bigint      GENERATED ALWAYS AS IDENTITY,
  order_id text        NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  step     text        NOT NULL,                       -- validate-order, payment, restaurant-approval, …
  outcome  text        NOT NULL,                       -- validated, refused, paid, declined, waiting, …
  event_id text,                                       -- event that caused it; null for manual changes
  attempt  integer                                     -- delivery of that event (from 0), or payment attempt
);
ALTER TABLE order_history
  ADD COLUMN IF NOT EXISTS trace_id text;              -- orders.trace_id; null for orders without a trace

-- Ledger of the simulated payment gateway, which a real gateway has on its own side: one result per idempotency key. Only the
-- gateway uses it; no step reads it.
CREATE TABLE IF NOT EXISTS simulated_gateway_charges (
  key          text        PRIMARY KEY,                -- payments.idempotency_key
  amount       integer     NOT NULL,
  card_last4   text        NOT NULL,
  decline_code text,                                   -- null: the card was charged
  created      timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE simulated_gateway_charges
  ADD COLUMN IF NOT EXISTS card_hash text;             -- hash of the card number, with a key that the database does not contain

-- Its refunds, one per idempotency key. Money taken is the sum of the accepted charges; money returned, the sum of these.
CREATE TABLE IF NOT EXISTS simulated_gateway_refunds (
  key        text        PRIMARY KEY,                  -- refunds.key
  charge_key text        NOT NULL REFERENCES simulated_gateway_charges (key),
  amount     integer     NOT NULL,
  created    timestamptz NOT NULL DEFAULT now()
);


-- Accounts ------------------------------------------------------------------------------------------------------------
-- Accounts of the login function (functions/login): restaurants, drivers and managers. A customer needs none: each other valid
-- user name is a customer. They are in their own schema, because tables of the schema public are exposed over GraphQL. Those of a
-- demo are in demo-accounts.sql.

CREATE SCHEMA IF NOT EXISTS identity;

CREATE TABLE IF NOT EXISTS identity.accounts (
  username      text        PRIMARY KEY,               -- subject of the tokens, and X-Hasura-User-Id
  role          text        NOT NULL,
  restaurant_id integer     REFERENCES restaurants (id) ON DELETE CASCADE,  -- X-Hasura-Restaurant-Id
  driver_id     integer     REFERENCES drivers (id) ON DELETE CASCADE,      -- X-Hasura-Driver-Id
  created       timestamptz NOT NULL DEFAULT now()
);


-- Figures of past hours -----------------------------------------------------------------------------------------------
-- The dashboard reads figures of a week, again at each change. So expire-orders sums up the hours that have passed (expire_figures.sql),
-- and a read adds the sums to the orders of the last four hours. If it is not called, the figures are the same, and a read costs more.
--
-- An order that changes after its hour was summed up, for example by a late refund, leaves a row in late_changes; the next call sums up
-- its hour again. The tables are in their own schema, because tables of the schema public are exposed over GraphQL.

CREATE SCHEMA IF NOT EXISTS figures;

-- The hours that are summed up: consecutive ones of the last eight days.
CREATE TABLE IF NOT EXISTS figures.hours (
  hour timestamptz PRIMARY KEY
);

-- Sums over the orders that were placed in an hour. Times from placing an order to its delivery are rounded to steps of 2 %, and each
-- is kept with its number of orders, so that percentiles of several hours can be computed.
CREATE TABLE IF NOT EXISTS figures.restaurant_hours (
  hour            timestamptz        NOT NULL REFERENCES figures.hours (hour) ON DELETE CASCADE,
  restaurant_id   integer            NOT NULL,
  orders          bigint             NOT NULL,
  paid            bigint             NOT NULL,
  delivered       bigint             NOT NULL,
  cancelled       bigint             NOT NULL,
  rejected        bigint             NOT NULL,
  expired         bigint             NOT NULL,
  failed          bigint             NOT NULL,
  refused         bigint             NOT NULL,
  revenue         bigint             NOT NULL,
  refunded        bigint             NOT NULL,
  priced          bigint             NOT NULL,         -- paid orders with a total, and the sum of these
  totals          bigint             NOT NULL,
  delivery_ms     double precision[] NOT NULL,
  delivery_orders bigint[]           NOT NULL,
  PRIMARY KEY (hour, restaurant_id)
);

-- Number of orders that reached a state in a quarter of an hour.
CREATE TABLE IF NOT EXISTS figures.reached (
  hour    timestamptz NOT NULL REFERENCES figures.hours (hour) ON DELETE CASCADE,
  quarter timestamptz NOT NULL,
  state   text        NOT NULL,
  orders  bigint      NOT NULL,
  PRIMARY KEY (hour, quarter, state)
);

-- Hours in which an order changed later than three hours after it was placed.
CREATE TABLE IF NOT EXISTS figures.late_changes (
  hour timestamptz NOT NULL
);

-- Start of a period of some seconds, counted from 1970, so that it does not depend on the time zone of the session.
CREATE OR REPLACE FUNCTION figures.start_of(at timestamptz, seconds integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_timestamp(floor(extract(epoch FROM at)::double precision / seconds) * seconds)
$$;


-- Status column -------------------------------------------------------------------------------------------------------
-- State of an order as one word, generated from the booleans so that both are consistent. Before Postgres 17, changing the
-- expression of a generated column requires dropping the column, which rewrites the table and uses up a column number. So
-- this happens only if the comment of the column differs, which contains a fingerprint of the expression. Rewording either of
-- them rewrites the table, too.

DO $$
DECLARE
  expression CONSTANT text := $expression$
    CASE
      WHEN cancelled                       THEN 'cancelled'
      WHEN rejected                        THEN 'rejected'
      WHEN expired                         THEN 'expired'
      WHEN delivery_failed                 THEN 'failed'
      WHEN delivered                       THEN 'delivered'
      WHEN food_picked                     THEN 'picked_up'
      WHEN driver_assigned                 THEN 'assigned'
      WHEN approved                        THEN 'approved'
      WHEN problem IS NOT NULL             THEN 'refused'
      WHEN order_valid AND payment_valid   THEN 'paid'       -- paid before it is validated is still to be validated
      WHEN order_valid                     THEN 'validated'
      ELSE                                      'placed'
    END $expression$;
  description CONSTANT text := 'How far the order is, in one word; derived from its booleans. ['
    || left(md5(expression), 8) || ']';
  readers text[];
  reader  text;
BEGIN
  IF description IS DISTINCT FROM (
    SELECT col_description(attrelid, attnum)
    FROM pg_attribute
    WHERE attrelid = 'orders'::regclass AND attname = 'status' AND NOT attisdropped
  ) THEN
    -- Functions that are running keep the right to read it, until infra/function-roles.sql is applied again.
    SELECT array_agg(granted.grantee::regrole::text) INTO readers
    FROM pg_attribute AS a CROSS JOIN LATERAL aclexplode(a.attacl) AS granted
    WHERE a.attrelid = 'orders'::regclass AND a.attname = 'status' AND NOT a.attisdropped
      AND granted.privilege_type = 'SELECT' AND granted.grantee <> 0;
    ALTER TABLE orders DROP COLUMN IF EXISTS status CASCADE;  -- and the dependent views, which are recreated below
    EXECUTE format('ALTER TABLE orders ADD COLUMN status text GENERATED ALWAYS AS (%s) STORED', expression);
    EXECUTE format('COMMENT ON COLUMN orders.status IS %L', description);
    FOREACH reader IN ARRAY coalesce(readers, '{}') LOOP
      EXECUTE format('GRANT SELECT (status) ON orders TO %s', reader);
    END LOOP;
  END IF;
END $$;


-- Migration of older data ---------------------------------------------------------------------------------------------
-- In the Node.js example a repeated delivery assigned another driver, a repeated payment charged the card again, and the menu
-- had no key. Rows that violate the constraints below are corrected first. Data of this application has no such rows.

DO $$
BEGIN
  -- Several drivers of one order: the first one is kept, and the others are recorded in the history.
  IF to_regclass('assignment_pkey') IS NULL THEN
    WITH ranked AS (
      SELECT ctid AS tid, row_number() OVER (PARTITION BY order_id ORDER BY ctid) AS n FROM assignment
    ),
    removed AS (
      DELETE FROM assignment USING ranked
      WHERE assignment.ctid = ranked.tid AND ranked.n > 1
      RETURNING assignment.order_id, assignment.driver_id
    )
    INSERT INTO order_history (order_id, step, outcome)
    SELECT order_id, 'agent-assignment', 'duplicate removed: driver ' || driver_id FROM removed;

    -- Its drivers are numbers without a table.
    INSERT INTO drivers (id, name)
    SELECT DISTINCT driver_id, 'Driver ' || driver_id FROM assignment
    ON CONFLICT (id) DO NOTHING;

    UPDATE assignment SET delivered = true
    FROM orders
    WHERE orders.order_id = assignment.order_id AND orders.delivered AND NOT assignment.delivered;
  END IF;

  -- Several charges for one order: the first one is kept; the others are marked as duplicates, to be refunded.
  IF to_regclass('payments_order_id_attempt_key') IS NULL THEN
    UPDATE payments
    SET attempt = ranked.n, status = CASE WHEN ranked.n = 1 THEN 'succeeded' ELSE 'duplicate' END
    FROM (SELECT id, row_number() OVER (PARTITION BY order_id ORDER BY id) AS n FROM payments) AS ranked
    WHERE payments.id = ranked.id AND ranked.n > 1;
  END IF;

  -- Attempts that are open since before the column `idempotency_key` keep the key that the gateway knows.
  UPDATE payments
  SET idempotency_key = order_id || ':' || attempt
  WHERE status = 'processing' AND idempotency_key IS NULL;

  -- Earlier versions had fewer time limits.
  IF EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'workflow_settings'::regclass AND conname = 'workflow_settings_check'
      AND pg_get_constraintdef(oid) NOT LIKE '%pick_up_within%'
  ) THEN
    ALTER TABLE workflow_settings DROP CONSTRAINT workflow_settings_check;
    UPDATE workflow_settings
    SET look_back = least(interval '30 days', greatest(look_back,
          pay_within + answer_within + accept_within + 2 * (assign_within + pick_up_within)));
  END IF;

  -- Earlier versions had one menu for all restaurants.
  IF EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = 'menu_items'::regclass AND conname = 'menu_items_pkey'
      AND pg_get_constraintdef(oid) <> 'PRIMARY KEY (restaurant_id, name)'
  ) THEN
    ALTER TABLE menu_items DROP CONSTRAINT menu_items_pkey;
    -- The restaurants of the demo get menus of their own below, once; the others keep the dishes.
    INSERT INTO menu_items (restaurant_id, name, price, available)
    SELECT r.id, m.name, m.price, m.available
    FROM restaurants AS r CROSS JOIN menu_items AS m
    WHERE r.id > 3;
  END IF;
  IF to_regclass('menu_items_pkey') IS NULL THEN
    DELETE FROM menu_items AS later USING menu_items AS first
    WHERE later.restaurant_id = first.restaurant_id AND later.name = first.name AND later.ctid > first.ctid;
  END IF;
END $$;



-- Demo data -----------------------------------------------------------------------------------------------------------
-- Inserted once: in an empty database, in that of the Node.js example, and in one of earlier versions with one menu for all
-- restaurants. So what is changed, renamed or deleted afterwards stays so. The section is before the keys below, whose absence tells
-- that this file has not been applied before.

DO $$
BEGIN
  IF to_regclass('menu_items_pkey') IS NULL THEN
    INSERT INTO restaurants (id, name, open, auto_approve, cuisine, description, picture, x, y, preparation_minutes) VALUES
      (1, 'Trattoria Presto', true,  true,  'Italian and more', 'Favourites from several kitchens, made while you watch.',
       'trattoria', 28, 34, 12),
      (2, 'Casa Cura',        true,  false, 'Home cooking',     'Slow food from a small family kitchen that answers every order itself.',
       'casa',      68, 22, 20),
      (3, 'Night Owl',        false, true,  'Late night',       'Warm plates for those who are still awake.',
       'owl',       80, 70, 10),
      (4, 'Hashi',            true,  true,  'Japanese',         'Noodles in a broth of twelve hours, and fish cut to order.',
       'japanese',  46, 58, 15),
      (5, 'Spice Route',      true,  true,  'Indian',           'Curries, lentils and breads from the clay oven.',
       'indian',    18, 76, 18),
      (6, 'Luna y Sol',       true,  false, 'Mexican',          'Tacos, burritos and churros from the street corners of Oaxaca.',
       'mexican',   58, 84, 10)
    ON CONFLICT (id) DO UPDATE
      SET cuisine = excluded.cuisine, description = excluded.description, picture = excluded.picture,
          x = excluded.x, y = excluded.y, preparation_minutes = excluded.preparation_minutes
      WHERE restaurants.cuisine = '' AND restaurants.description = '' AND restaurants.picture IS NULL;

    -- Restaurant 1 has the dishes of the Node.js example. Names of dishes are the same in two restaurants only where noted.
    WITH demo (restaurant_id, position, name, price, available, category, picture, description) AS (VALUES
      (1, 1, 'idli',                 300, true,  'Starters', 'idli',       'Steamed rice cakes with coconut chutney.'),
      (1, 2, 'pizza',                500, true,  'Mains',    'pizza',      'Tomato, mozzarella and basil on a thin crust.'),
      (1, 3, 'burger',               650, true,  'Mains',    'burger',     'Grilled patty with pickles and onions in a toasted bun.'),
      (1, 4, 'truffle risotto',     1900, false, 'Mains',    'risotto',    'Creamy rice with shaved black truffle.'),
      (1, 5, 'mangoes',              350, true,  'Desserts', 'mangoes',    'Ripe Alphonso mangoes, sliced.'),
      (1, 6, 'chocolate milkshake',  450, true,  'Drinks',   'milkshake',  'Dark chocolate and cold milk, blended thick.'),

      (2, 1, 'green salad',          480, true,  'Starters', 'salad',      'Garden leaves with lemon, oil and toasted seeds.'),
      (2, 2, 'tomato soup',          420, true,  'Starters', 'soup',       'Roasted tomatoes with a spoon of cream.'),
      (2, 3, 'pizza',                500, true,  'Mains',    'pizza',      'Baked in a pan, with tomato and two cheeses.'),  -- as in 1
      (2, 4, 'burger',               650, true,  'Mains',    'burger',     'Bean patty with roasted peppers.'),              -- as in 1
      (2, 5, 'spaghetti pomodoro',   820, true,  'Mains',    'pasta',      'Spaghetti with a sauce of fresh tomatoes.'),
      (2, 6, 'lasagne',              980, true,  'Mains',    'lasagne',    'Seven layers, baked until the edges are crisp.'),
      (2, 7, 'focaccia',             350, true,  'Sides',    'bread',      'Flat bread with rosemary and sea salt.'),
      (2, 8, 'tiramisu',             520, true,  'Desserts', 'tiramisu',   'Mascarpone, coffee and cocoa.'),

      (3, 1, 'onion soup',           550, true,  'Starters', 'soup',       'Caramelised onions under melted cheese.'),
      (3, 2, 'garlic bread',         320, true,  'Starters', 'bread',      'Warm baguette with garlic butter.'),
      (3, 3, 'pizza',                500, true,  'Mains',    'pizza',      'By the slice or whole, until four in the morning.'),  -- as in 1
      (3, 4, 'midnight burger',      890, true,  'Mains',    'burger',     'Double patty with a fried egg.'),
      (3, 5, 'spaghetti arrabbiata', 760, true,  'Mains',    'pasta',      'Tomatoes, garlic and chilli, ready in ten minutes.'),
      (3, 6, 'mint tea',             280, true,  'Drinks',   'tea',        'Fresh mint in hot water.'),
      (3, 7, 'ginger lemonade',      340, true,  'Drinks',   'lemonade',   'Lemon, ginger and soda.'),

      (4, 1, 'gyoza',                580, true,  'Starters', 'gyoza',      'Six dumplings, fried on one side.'),
      (4, 2, 'seaweed salad',        460, true,  'Starters', 'salad',      'Wakame with sesame and rice vinegar.'),
      (4, 3, 'ramen',               1150, true,  'Mains',    'ramen',      'Noodles in miso broth with a soft egg.'),
      (4, 4, 'udon',                1050, true,  'Mains',    'udon',       'Thick noodles with spring onions and tempura.'),
      (4, 5, 'sushi',               1480, true,  'Mains',    'sushi',      'Ten pieces, chosen by the chef.'),
      (4, 6, 'mochi',                420, true,  'Desserts', 'mochi',      'Two rice cakes filled with red bean paste.'),
      (4, 7, 'green tea',            260, true,  'Drinks',   'tea',        'A pot of sencha.'),

      (5, 1, 'samosa',               390, true,  'Starters', 'samosa',     'Two pastries with potatoes and peas.'),
      (5, 2, 'chickpea curry',       880, true,  'Mains',    'curry',      'Chickpeas in tomato, ginger and garam masala.'),
      (5, 3, 'dal tadka',            840, true,  'Mains',    'dal',        'Yellow lentils with cumin, garlic and chilli in hot butter.'),
      (5, 4, 'masala dosa',          790, true,  'Mains',    'dosa',       'Crisp rice pancake around spiced potatoes.'),
      (5, 5, 'naan',                 250, true,  'Sides',    'naan',       'Bread from the clay oven, with butter.'),
      (5, 6, 'mango lassi',          380, true,  'Drinks',   'lassi',      'Yoghurt and mango with cardamom.'),
      (5, 7, 'masala chai',          270, true,  'Drinks',   'tea',        'Black tea with milk and spices.'),

      (6, 1, 'nachos',               560, true,  'Starters', 'nachos',     'Corn chips with melted cheese and jalapeños.'),
      (6, 2, 'tortilla soup',        540, true,  'Starters', 'soup',       'Chilli broth with avocado and crisp tortilla.'),
      (6, 3, 'tacos al pastor',      870, true,  'Mains',    'taco',       'Three tacos with marinated pork and pineapple.'),
      (6, 4, 'burrito',              920, true,  'Mains',    'burrito',    'Rice, black beans and salsa in a wheat tortilla.'),
      (6, 5, 'quesadilla',           780, true,  'Mains',    'quesadilla', 'Toasted tortilla with cheese and mushrooms.'),
      (6, 6, 'churros',              440, true,  'Desserts', 'churros',    'Five churros with chocolate sauce.'),
      (6, 7, 'lime lemonade',        330, true,  'Drinks',   'lemonade',   'Limes, sugar and a lot of ice.')
    ),
    -- Dishes of earlier versions get the new columns.
    described AS (
      UPDATE menu_items AS m
      SET category = demo.category, description = demo.description, picture = demo.picture, position = demo.position
      FROM demo
      WHERE m.restaurant_id = demo.restaurant_id AND m.name = demo.name
        AND m.category = 'Dishes' AND m.description = '' AND m.picture IS NULL
    )
    INSERT INTO menu_items (restaurant_id, position, name, price, available, category, picture, description)
    SELECT *
    FROM demo
    WHERE NOT EXISTS (
      SELECT FROM menu_items AS m WHERE m.restaurant_id = demo.restaurant_id AND m.name = demo.name
    );
  END IF;

  IF to_regclass('assignment_pkey') IS NULL THEN
    INSERT INTO drivers (id, name)
    SELECT number, name
    FROM unnest(ARRAY[
      'Ada', 'Ali', 'Amara', 'Anika', 'Arjun', 'Bea', 'Bilal', 'Bruno', 'Carla', 'Chen',
      'Chidi', 'Daniel', 'Devi', 'Diego', 'Elena', 'Emeka', 'Emil', 'Fatima', 'Felix', 'Freya',
      'Gita', 'Hana', 'Hugo', 'Ines', 'Ivan', 'Jamal', 'Jonas', 'Kamala', 'Kenji', 'Lara',
      'Leon', 'Lin', 'Luca', 'Maja', 'Mateo', 'Mei', 'Milan', 'Nadia', 'Nia', 'Noor',
      'Olga', 'Omar', 'Priya', 'Rafael', 'Rosa', 'Samir', 'Sofia', 'Tomas', 'Yara', 'Zoe'
    ]) WITH ORDINALITY AS demo (name, number)
    ON CONFLICT (id) DO NOTHING;
  END IF;
END $$;


-- Constraints ---------------------------------------------------------------------------------------------------------
-- The names are part of the API: clients see them in errors and use them in `on_conflict`.
-- NOT VALID: applies to new and updated rows, while older rows may violate it.

DO $do$
DECLARE
  required record;
BEGIN
  FOR required IN
    SELECT *
    FROM (VALUES
      -- A refused order is not valid. (A paid order may be invalid: "pay all" with admin rights also pays for orders that are
      -- not validated yet.)
      ('orders',        'orders_problem_check',            'CHECK (problem IS NULL OR order_valid IS NOT TRUE)'),
      ('orders',        'orders_total_check',              'CHECK (total >= 0)'),
      -- The driver's steps follow each other.
      ('orders',        'orders_food_picked_check',        'CHECK (driver_assigned OR NOT food_picked) NOT VALID'),
      ('orders',        'orders_delivered_check',          'CHECK (food_picked OR NOT delivered) NOT VALID'),
      ('orders',        'orders_order_id_check',           'CHECK (octet_length(order_id) BETWEEN 1 AND 1000) NOT VALID'),
      -- Texts of clients are copied into each event of the order, and every retry sends them again.
      ('orders',        'orders_address_check',            'CHECK (octet_length(address) <= 1000) NOT VALID'),
      ('orders',        'orders_user_id_check',            'CHECK (octet_length(user_id) <= 200) NOT VALID'),
      ('orders',        'orders_close_reason_check',       'CHECK (octet_length(close_reason) <= 1000) NOT VALID'),
      ('orders',        'orders_note_check',               'CHECK (octet_length(note) <= 1000)'),
      ('orders',        'orders_preparation_minutes_check',
        'CHECK (preparation_minutes IS NULL OR (approved AND preparation_minutes BETWEEN 0 AND 240))'),
      ('items',         'items_item_check',                'CHECK (octet_length(item) <= 200) NOT VALID'),
      ('items',         'items_quantity_check',            'CHECK (quantity BETWEEN 1 AND 99)'),
      ('restaurants',   'restaurants_place_check',         'CHECK (x BETWEEN 0 AND 100 AND y BETWEEN 0 AND 100)'),
      ('restaurants',   'restaurants_preparation_minutes_check', 'CHECK (preparation_minutes BETWEEN 0 AND 240)'),
      ('restaurants',   'restaurants_paused_until_check',  'CHECK (isfinite(paused_until))'),
      -- The second condition is an error for an unknown name. Without the first one, it is true for texts such as 'XYZ5' and 'Europe/Berlin2', too.
      ('restaurants',   'restaurants_time_zone_check',
        $$CHECK (time_zone ~ '^(UTC|Etc/GMT([+-][0-9]{1,2})?|[A-Za-z_]{1,30}(/[A-Za-z_-]{1,30}){1,2})$'
                 AND timezone(time_zone, timestamptz '2000-01-01') IS NOT NULL)$$),
      ('opening_hours', 'opening_hours_pkey',              'PRIMARY KEY (restaurant_id, weekday, period)'),
      ('opening_hours', 'opening_hours_restaurant_id_fkey',
        'FOREIGN KEY (restaurant_id) REFERENCES restaurants (id) ON DELETE CASCADE'),
      ('opening_hours', 'opening_hours_weekday_check',     'CHECK (weekday BETWEEN 1 AND 7)'),
      ('opening_hours', 'opening_hours_period_check',      'CHECK (period BETWEEN 1 AND 3)'),
      -- The end of a day is 00:00 of the next one.
      ('opening_hours', 'opening_hours_times_check',
        $$CHECK (opens < time '24:00' AND closes < time '24:00')$$),
      ('menu_items',    'menu_items_pkey',                 'PRIMARY KEY (restaurant_id, name)'),
      ('menu_items',    'menu_items_restaurant_id_fkey',
        'FOREIGN KEY (restaurant_id) REFERENCES restaurants (id) ON DELETE CASCADE'),
      ('menu_items',    'menu_items_name_check',
        $$CHECK (name ~ '\S' AND octet_length(name) <= 200) NOT VALID$$),
      ('menu_items',    'menu_items_price_check',          'CHECK (price > 0)'),
      ('menu_items',    'menu_items_category_check',       $$CHECK (category ~ '\S' AND octet_length(category) <= 100)$$),
      ('menu_items',    'menu_items_description_check',    'CHECK (octet_length(description) <= 1000)'),
      ('menu_items',    'menu_items_picture_check',        $$CHECK (picture ~ '^[a-z0-9-]{1,40}$')$$),
      -- NaN is greater than 100.
      ('driver_positions', 'driver_positions_place_check', 'CHECK (x BETWEEN 0 AND 100 AND y BETWEEN 0 AND 100)'),
      ('payments',      'payments_order_id_attempt_key',   'UNIQUE (order_id, attempt)'),
      ('payments',      'payments_idempotency_key_key',    'UNIQUE (idempotency_key)'),
      ('payments',      'payments_amount_check',           'CHECK (amount > 0) NOT VALID'),
      ('payments',      'payments_status_check',
        $$CHECK (status IN ('processing', 'succeeded', 'declined', 'duplicate'))$$),
      ('payments',      'payments_card_last4_check',       $$CHECK (card_last4 ~ '^[0-9]{4}$')$$),
      ('refunds',       'refunds_payment_id_key',          'UNIQUE (payment_id)'),
      ('refunds',       'refunds_amount_check',            'CHECK (amount > 0)'),
      ('refunds',       'refunds_status_fkey',             'FOREIGN KEY (status) REFERENCES refund_statuses (status)'),
      ('workflow_settings', 'workflow_settings_check',
        $$CHECK (least(pay_within, answer_within, assign_within, accept_within, pick_up_within, deliver_within, look_back)
                   >= interval '1 second'
                 -- expire-orders has to examine an order until its last deadline has passed. A second driver is searched after the
                 -- first one has not picked it up.
                 AND pay_within + answer_within + accept_within + 2 * (assign_within + pick_up_within) <= look_back
                 AND look_back <= interval '30 days') NOT VALID$$),
      ('assignment',    'assignment_pkey',                 'PRIMARY KEY (order_id)'),
      ('assignment',    'assignment_driver_id_fkey',       'FOREIGN KEY (driver_id) REFERENCES drivers (id)'),
      -- order_id first: the key is also the index for reading the history of an order.
      ('order_history', 'order_history_pkey',              'PRIMARY KEY (order_id, id)'),
      ('order_history', 'order_history_order_id_fkey',     'FOREIGN KEY (order_id) REFERENCES orders (order_id)'),
      -- The same rule as in shared/src/identity.rs.
      ('identity.accounts', 'accounts_username_check',     $$CHECK (username ~ '^[a-z0-9][a-z0-9._-]{0,63}$')$$),
      ('identity.accounts', 'accounts_role_check',
        $$CHECK (role IN ('customer', 'restaurant', 'driver', 'manager'))$$),
      ('identity.accounts', 'accounts_restaurant_id_check',
        $$CHECK ((role = 'restaurant') = (restaurant_id IS NOT NULL))$$),
      ('identity.accounts', 'accounts_driver_id_check',    $$CHECK ((role = 'driver') = (driver_id IS NOT NULL))$$)
    ) AS list (table_name, constraint_name, definition)
  LOOP
    IF NOT EXISTS (
      SELECT FROM pg_constraint
      WHERE conrelid = required.table_name::regclass AND conname = required.constraint_name
    ) THEN
      EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s',
                     required.table_name::regclass, required.constraint_name, required.definition);
    END IF;
  END LOOP;
END $do$;

-- Replaced by refunds_status_fkey.
ALTER TABLE refunds DROP CONSTRAINT IF EXISTS refunds_status_check;

-- At most one successful payment per order.
CREATE UNIQUE INDEX IF NOT EXISTS payments_one_succeeded_per_order ON payments (order_id) WHERE status = 'succeeded';

-- Only the first 'waiting' of a step is recorded.
CREATE UNIQUE INDEX IF NOT EXISTS order_history_first_waiting ON order_history (order_id, step)
  WHERE outcome = 'waiting';


-- Indexes -------------------------------------------------------------------------------------------------------------
-- For the live queries of the apps, and for the steps. None on status or the booleans: see fillfactor above.

CREATE INDEX IF NOT EXISTS orders_user_id_created_idx ON orders (user_id, created);                    -- my orders
CREATE INDEX IF NOT EXISTS orders_created_idx         ON orders (created);                             -- newest orders
CREATE INDEX IF NOT EXISTS items_order_id_idx         ON items (order_id);                             -- an order's items
CREATE INDEX IF NOT EXISTS menu_items_name_idx        ON menu_items (name);                           -- dishes of other restaurants, for validate-order
CREATE INDEX IF NOT EXISTS assignment_undelivered_idx ON assignment (driver_id) WHERE NOT delivered;   -- a driver's load
CREATE INDEX IF NOT EXISTS assignment_delivered_idx   ON assignment (driver_id, created) WHERE delivered;    -- a driver's deliveries
CREATE INDEX IF NOT EXISTS restaurants_paused_until_idx ON restaurants (paused_until) WHERE paused_until IS NOT NULL;  -- those that take no orders
CREATE INDEX IF NOT EXISTS refunds_order_id_idx       ON refunds (order_id);                           -- an order's refund
-- Open questions to drivers: none for drivers that accept automatically.
CREATE INDEX IF NOT EXISTS assignment_unaccepted_idx  ON assignment (accept_by) WHERE NOT accepted;
-- Recent changes. BRIN, because rows are inserted in the order of time: nearly no WAL, and a few kilobytes.
CREATE INDEX IF NOT EXISTS order_history_at_brin ON order_history USING brin (at) WITH (pages_per_range = 16, autosummarize = on);
DROP INDEX IF EXISTS order_history_at_idx;
CREATE INDEX IF NOT EXISTS late_changes_hour_idx       ON figures.late_changes (hour);                 -- hours to sum up again
CREATE INDEX IF NOT EXISTS payments_declined_idx      ON payments (payer, created) WHERE status = 'declined';  -- attempt limit
CREATE INDEX IF NOT EXISTS payments_processing_idx    ON payments (payer) WHERE status = 'processing';         -- attempt limit


-- Triggers ------------------------------------------------------------------------------------------------------------

-- A customer adds items to own orders only. The permission (permissions.json) is checked after the statement, when the triggers below
-- have locked the order and may have reported that it is decided; both concern its owner only. So this trigger comes first, and reads
-- nothing but the owner. Statements without a session of the engine, as those of the functions, are not affected.
CREATE OR REPLACE FUNCTION check_items_of_own_order() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  session json := current_setting('hasura.user')::json;
BEGIN
  IF session ->> 'x-hasura-role' = 'customer' AND EXISTS (
    SELECT FROM orders
    WHERE order_id = NEW.order_id AND user_id IS DISTINCT FROM session ->> 'x-hasura-user-id'
  ) THEN
    RAISE EXCEPTION 'items can be added to your own orders only'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'items_of_own_order', TABLE = 'items';
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS items_of_own_order ON items;
CREATE TRIGGER items_of_own_order
  BEFORE INSERT OR UPDATE ON items
  FOR EACH ROW
  WHEN (current_setting('hasura.user', true) <> '')
  EXECUTE FUNCTION check_items_of_own_order();

-- A menu is bounded, because each client reads all of it. For sessions of the engine only: an operator may insert more.
--
-- The restaurant is updated first, without a change: of two transactions that add dishes, the later one waits for the other and then
-- counts its dishes, too. If it cannot see them, because its isolation level is higher, it fails.
CREATE OR REPLACE FUNCTION check_size_of_menu() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE restaurants SET open = open WHERE id IN (SELECT restaurant_id FROM changed);
  IF EXISTS (
    SELECT FROM menu_items
    WHERE restaurant_id IN (SELECT restaurant_id FROM changed)
    GROUP BY restaurant_id HAVING count(*) > 100
  ) THEN
    RAISE EXCEPTION 'a menu has at most 100 dishes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dishes_per_menu', TABLE = 'menu_items',
            HINT = 'Delete a dish that is no longer offered.';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS menu_items_inserted ON menu_items;
CREATE TRIGGER menu_items_inserted
  AFTER INSERT ON menu_items REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT
  WHEN (current_setting('hasura.user', true) <> '')
  EXECUTE FUNCTION check_size_of_menu();

-- A restaurant that has paused its orders gets none, from any client. The trigger runs after the insertion, so that a repeated order is
-- reported as such: its client knows then that the first attempt has succeeded.
CREATE OR REPLACE FUNCTION check_pause_of_restaurant() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  paused record;
BEGIN
  SELECT r.name, to_char(r.paused_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until INTO paused
  FROM restaurants AS r
  WHERE r.paused_until > now() AND r.id IN (SELECT restaurant_id FROM placed)
  ORDER BY r.id
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'restaurant "%" takes no orders until %', paused.name, paused.until
      USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_of_paused_restaurant', TABLE = 'orders',
            HINT = 'Place the order afterwards, or at another restaurant.';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS orders_placed_in_pause ON orders;
CREATE TRIGGER orders_placed_in_pause
  AFTER INSERT ON orders REFERENCING NEW TABLE AS placed
  FOR EACH STATEMENT
  EXECUTE FUNCTION check_pause_of_restaurant();

-- The time of a position is that of its arrival: clocks of phones differ.
CREATE OR REPLACE FUNCTION set_time_of_position() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := now();
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS driver_positions_changed ON driver_positions;
CREATE TRIGGER driver_positions_changed
  BEFORE INSERT OR UPDATE ON driver_positions
  FOR EACH ROW
  EXECUTE FUNCTION set_time_of_position();

-- Deadlines of an order, and the moves that it permits. Roles may set their columns by permission (permissions.json); whether the
-- order is in a state for it is decided here, for every client. The functions never make an illegal move: the guard of each
-- statement is stricter.
CREATE OR REPLACE FUNCTION set_pay_by() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.pay_by := now() + (SELECT pay_within FROM workflow_settings);
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS orders_placed ON orders;
CREATE TRIGGER orders_placed
  BEFORE INSERT ON orders
  FOR EACH ROW
  WHEN (NEW.pay_by IS NULL)
  EXECUTE FUNCTION set_pay_by();

CREATE OR REPLACE FUNCTION check_order_move() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  -- Generated columns are not computed yet when this trigger runs.
  was_closed CONSTANT boolean := OLD.cancelled OR OLD.rejected OR OLD.expired OR OLD.delivery_failed;
  is_closed  CONSTANT boolean := NEW.cancelled OR NEW.rejected OR NEW.expired OR NEW.delivery_failed;
  was_paid   CONSTANT boolean := OLD.payment_valid IS TRUE;
  is_paid    CONSTANT boolean := NEW.payment_valid IS TRUE;
  settings   workflow_settings;
  problem    text;
BEGIN
  IF was_closed THEN
    -- Only its payment may still complete, which is then refunded.
    IF (NEW.cancelled, NEW.rejected, NEW.expired, NEW.delivery_failed, NEW.close_reason)
         IS DISTINCT FROM (OLD.cancelled, OLD.rejected, OLD.expired, OLD.delivery_failed, OLD.close_reason)
       OR (NEW.approved, NEW.driver_assigned, NEW.food_picked, NEW.delivered)
         IS DISTINCT FROM (OLD.approved, OLD.driver_assigned, OLD.food_picked, OLD.delivered) THEN
      problem := CASE
        WHEN OLD.cancelled THEN 'it is cancelled'
        WHEN OLD.rejected  THEN 'it is rejected'
        WHEN OLD.expired   THEN 'it is expired'
        ELSE                    'its delivery failed'
      END;
    END IF;
  ELSIF is_closed THEN
    problem := CASE
      WHEN NEW.cancelled::integer + NEW.rejected::integer + NEW.expired::integer + NEW.delivery_failed::integer > 1
        THEN 'only one of cancelled, rejected, expired and delivery_failed can be set'
      WHEN OLD.problem IS NOT NULL THEN 'it was refused'
      WHEN OLD.delivered OR NEW.delivered THEN 'it is delivered'
      WHEN (NEW.cancelled OR NEW.rejected) AND (OLD.approved OR NEW.approved) THEN 'the restaurant has approved it'
      WHEN (NEW.rejected OR NEW.delivery_failed) AND coalesce(NEW.close_reason !~ '\S', true)
        THEN 'close_reason must contain a reason'
      WHEN NEW.delivery_failed AND NOT OLD.food_picked THEN 'its food is not picked up'
      WHEN NEW.expired AND (OLD.driver_assigned OR NEW.driver_assigned) THEN 'it has a driver'
      WHEN NEW.expired AND coalesce(now() < CASE
             WHEN NOT is_paid       THEN NEW.pay_by
             WHEN NOT NEW.approved  THEN NEW.answer_by
             ELSE                        NEW.assign_by
           END, true) THEN 'its deadline has not passed'
    END;
  ELSIF NEW.close_reason IS NOT NULL THEN
    problem := 'close_reason requires that the order is closed';
  ELSIF NEW.food_picked AND NOT OLD.food_picked THEN
    -- Only here: the roles of the functions may not read the table, even if the condition above is false.
    IF EXISTS (SELECT FROM assignment AS a WHERE a.order_id = NEW.order_id AND NOT a.accepted) THEN
      problem := 'its driver has not accepted it';
    END IF;
  END IF;

  IF problem IS NOT NULL THEN
    RAISE EXCEPTION 'order "%" cannot change: %', left(NEW.order_id, 64), problem
      USING ERRCODE = 'check_violation', CONSTRAINT = 'order_moves', TABLE = 'orders';
  END IF;

  IF is_closed THEN
    IF NEW.cancelled AND NOT OLD.cancelled AND coalesce(NEW.close_reason !~ '\S', true) THEN
      NEW.close_reason := 'Cancelled by the customer.';
    END IF;
    -- An attempt in progress may still charge the card. One that a concurrent request is starting is not visible here;
    -- expire-orders finds it.
    IF is_paid OR EXISTS (SELECT FROM payments AS p WHERE p.order_id = NEW.order_id AND p.status = 'processing') THEN
      NEW.refund_requests := OLD.refund_requests + 1;
    END IF;
  -- A release sets the deadline for a driver itself (release_order). Here it is set if it is missing, for orders of earlier versions.
  ELSIF is_paid AND (NOT was_paid
                     OR (NEW.approved AND (NOT OLD.approved OR (NEW.assign_by IS NULL AND NOT NEW.driver_assigned)))) THEN
    SELECT * INTO settings FROM workflow_settings;
    IF NOT was_paid THEN
      NEW.answer_by := now() + settings.answer_within;
    END IF;
    IF NEW.approved THEN
      NEW.assign_by := now() + settings.assign_within;
    END IF;
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS orders_moved ON orders;
CREATE TRIGGER orders_moved
  BEFORE UPDATE OF payment_valid, approved, driver_assigned, food_picked, delivered,
                   cancelled, rejected, expired, delivery_failed, close_reason ON orders
  FOR EACH ROW
  WHEN ((NEW.payment_valid, NEW.approved, NEW.driver_assigned, NEW.food_picked, NEW.delivered,
         NEW.cancelled, NEW.rejected, NEW.expired, NEW.delivery_failed, NEW.close_reason)
        IS DISTINCT FROM
        (OLD.payment_valid, OLD.approved, OLD.driver_assigned, OLD.food_picked, OLD.delivered,
         OLD.cancelled, OLD.rejected, OLD.expired, OLD.delivery_failed, OLD.close_reason))
  EXECUTE FUNCTION check_order_move();

-- Items of a decided order cannot change, because the customer pays its total. An order is decided once it is validated or
-- has a problem.
--
-- The check must also hold against a concurrent validation. So orders of other transactions are updated first, without a
-- change: the UPDATE waits for a running validation, and a validation that waits for the UPDATE finds another version of the
-- order than it has read, and runs again (validate_order.sql). Orders inserted by this transaction are not visible to others:
-- placing an order together with its items, the usual case, updates nothing.
CREATE OR REPLACE FUNCTION check_items_of_undecided_order() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  decided text;
  too_long text;
BEGIN
  UPDATE orders SET placed = placed
  WHERE order_id IN (SELECT order_id FROM changed) AND xmin <> pg_current_xact_id()::xid;

  SELECT order_id INTO decided
  FROM orders
  WHERE order_id IN (SELECT order_id FROM changed) AND (order_valid OR problem IS NOT NULL)
  LIMIT 1;

  IF FOUND THEN
    RAISE EXCEPTION 'items of order "%" cannot change: the order is already decided', decided
      USING ERRCODE = 'check_violation',
            CONSTRAINT = 'items_of_undecided_order',
            TABLE = 'items',
            HINT = 'Place the order together with its items, in one mutation; for other items place another order.';
  END IF;

  SELECT order_id INTO too_long
  FROM items
  WHERE TG_OP <> 'DELETE' AND order_id IN (SELECT order_id FROM changed)
  GROUP BY order_id HAVING count(*) > 100
  LIMIT 1;

  IF FOUND THEN
    RAISE EXCEPTION 'order "%" has more than 100 items', too_long
      USING ERRCODE = 'check_violation',
            CONSTRAINT = 'items_per_order',
            TABLE = 'items',
            HINT = 'Use the column quantity for several of the same dish, or place several orders.';
  END IF;
  RETURN NULL;
END $$;

-- Per statement, not per row: bulk orders insert thousands of items in one statement.
DROP TRIGGER IF EXISTS items_inserted    ON items;
DROP TRIGGER IF EXISTS items_deleted     ON items;
DROP TRIGGER IF EXISTS items_updated_old ON items;
DROP TRIGGER IF EXISTS items_updated_new ON items;
CREATE TRIGGER items_inserted    AFTER INSERT ON items REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION check_items_of_undecided_order();
CREATE TRIGGER items_deleted     AFTER DELETE ON items REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION check_items_of_undecided_order();
CREATE TRIGGER items_updated_old AFTER UPDATE ON items REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION check_items_of_undecided_order();
CREATE TRIGGER items_updated_new AFTER UPDATE ON items REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION check_items_of_undecided_order();

-- The events of a step continue the trace of its order: the step calls this function with its own span, as `traceparent`. Returns the trace
-- id; that of the span for an order without one. Called where the row is changed, so before its event is recorded.
CREATE OR REPLACE FUNCTION continue_trace(order_trace text, traceparent text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  part text[] := regexp_match(traceparent, '^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$');
BEGIN
  IF part IS NOT NULL THEN
    PERFORM set_config('hasura.tracecontext', json_build_object(
      'trace_id', coalesce(order_trace, part[1]),
      'span_id', part[2],
      'sampling_state', CASE part[3] WHEN '00' THEN '0' ELSE '1' END)::text, true);
  END IF;
  RETURN coalesce(order_trace, part[1]);
END $$;

-- So do the events of a change over GraphQL, which has a trace of its own, and those of fn_expire, which changes several orders at once. Runs
-- for each row directly before Hasura's triggers (notify_hasura_…), because those of one table run in the order of their names.
CREATE OR REPLACE FUNCTION continue_trace_of_order() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  context text := coalesce(current_setting('hasura.tracecontext', true), '');
BEGIN
  PERFORM set_config('threefactor.trace_' || pg_trigger_depth(), context, true);
  PERFORM set_config('hasura.tracecontext', json_strip_nulls(json_build_object(
    'trace_id', NEW.trace_id,
    'span_id', coalesce(substring(context FROM '"span_id" *: *"([0-9a-f]{16})"'),
                        substr(replace(gen_random_uuid()::text, '-', ''), 17)),
    'sampling_state', substring(context FROM '"sampling_state" *: *"([01])"')))::text, true);
  RETURN NULL;
END $$;

-- Ends that after Hasura's triggers of the row: other rows of the transaction, for example new orders and orders without a trace, belong to
-- the trace of the request. A trigger that changes another order meanwhile has a greater depth.
CREATE OR REPLACE FUNCTION return_to_trace_of_request() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('hasura.tracecontext', current_setting('threefactor.trace_' || pg_trigger_depth()), true);
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS continue_trace ON orders;
CREATE TRIGGER continue_trace
  AFTER UPDATE ON orders
  FOR EACH ROW
  WHEN (NEW.trace_id IS NOT NULL
        AND (current_setting('hasura.tracecontext', true) <> '' OR starts_with(current_user::text, 'fn_expire')))
  EXECUTE FUNCTION continue_trace_of_order();

-- The same condition: both are evaluated when the row is changed, before either trigger runs.
DROP TRIGGER IF EXISTS return_to_trace ON orders;
CREATE TRIGGER return_to_trace
  AFTER UPDATE ON orders
  FOR EACH ROW
  WHEN (NEW.trace_id IS NOT NULL
        AND (current_setting('hasura.tracecontext', true) <> '' OR starts_with(current_user::text, 'fn_expire')))
  EXECUTE FUNCTION return_to_trace_of_request();

-- Manual changes over GraphQL (approve, reject, cancel, pick up, deliver, "pay all") are part of the history too. The functions insert their own
-- rows, with event and attempt, in the statement that updates the order; this trigger inserts only missing rows. It does not run for
-- the roles of the functions that set these columns (infra/function-roles.sql).
CREATE OR REPLACE FUNCTION note_changes_by_hand() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_history (order_id, step, outcome, trace_id)
  SELECT NEW.order_id, change.step, change.outcome, NEW.trace_id
  FROM (VALUES
    (1, 'payment',             'paid',      NEW.payment_valid AND OLD.payment_valid IS NOT TRUE),
    (2, 'restaurant-approval', 'approved',  NEW.approved AND NOT OLD.approved),
    (3, 'pick-up',             'picked_up', NEW.food_picked AND NOT OLD.food_picked),
    (4, 'delivery',            'delivered', NEW.delivered AND NOT OLD.delivered),
    (5, 'cancellation',        'cancelled', NEW.cancelled AND NOT OLD.cancelled),
    (6, 'restaurant-approval', 'rejected',  NEW.rejected AND NOT OLD.rejected),
    (7, 'expire-orders',       'expired',   NEW.expired AND NOT OLD.expired),
    (8, 'delivery',            'failed',    NEW.delivery_failed AND NOT OLD.delivery_failed)
  ) AS change (position, step, outcome, happened)
  WHERE change.happened
    AND NOT EXISTS (
      SELECT FROM order_history AS h
      WHERE h.order_id = NEW.order_id AND h.step = change.step AND h.outcome = change.outcome
    )
  ORDER BY change.position;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS orders_changed_by_hand ON orders;
CREATE TRIGGER orders_changed_by_hand
  AFTER UPDATE OF payment_valid, approved, food_picked, delivered, cancelled, rejected, expired, delivery_failed ON orders
  FOR EACH ROW
  WHEN ((   (NEW.payment_valid AND OLD.payment_valid IS NOT TRUE)
         OR (NEW.approved        AND NOT OLD.approved)
         OR (NEW.food_picked     AND NOT OLD.food_picked)
         OR (NEW.delivered       AND NOT OLD.delivered)
         OR (NEW.cancelled       AND NOT OLD.cancelled)
         OR (NEW.rejected        AND NOT OLD.rejected)
         OR (NEW.expired         AND NOT OLD.expired)
         OR (NEW.delivery_failed AND NOT OLD.delivery_failed))
        AND NOT starts_with(current_user::text, 'fn_payment')
        AND NOT starts_with(current_user::text, 'fn_approval')
        AND NOT starts_with(current_user::text, 'fn_expire')
        AND NOT starts_with(current_user::text, 'fn_refund'))
  EXECUTE FUNCTION note_changes_by_hand();

-- Delivery frees the driver, and so does its failure: agent-assignment counts undelivered orders, in an index of these only.
CREATE OR REPLACE FUNCTION free_driver() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE assignment SET delivered = NEW.delivered OR NEW.delivery_failed WHERE order_id = NEW.order_id;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS orders_delivered ON orders;
CREATE TRIGGER orders_delivered
  AFTER UPDATE OF delivered, delivery_failed ON orders
  FOR EACH ROW
  WHEN (NEW.delivered <> OLD.delivered OR NEW.delivery_failed <> OLD.delivery_failed)
  EXECUTE FUNCTION free_driver();

-- An assignment that is declined, not answered in time, not picked up in time, or released ends: the order has no driver, and the
-- changed number of reassignments is an event for agent-assignment.
--
-- The deadline for a driver, assign_by, is that of one search, in which any number of drivers may be asked. A driver that has accepted ends
-- the search; however it gives the order back, another search of the same length begins. So that drivers cannot postpone the
-- deadline without end, no search ends later than the time of two searches and a pick-up after answer_by.
--
-- Statements lock an order before its assignment: the pick-up, the delivery, agent-assignment, expire-orders and the end of a duty.
-- An UPDATE of the assignment has locked it first, so that it must not wait for the order: both would wait for each other. It fails
-- instead, and can be sent again.
CREATE OR REPLACE FUNCTION release_order() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  settings CONSTANT workflow_settings := (SELECT w FROM workflow_settings AS w);
  outcome  CONSTANT text := CASE
    WHEN NOT (SELECT d.available FROM drivers AS d WHERE d.id = NEW.driver_id)   THEN 'released'
    WHEN NOT OLD.accepted AND OLD.accept_by <= now()                             THEN 'no-answer'
    WHEN OLD.accepted AND OLD.created <= now() - settings.pick_up_within         THEN 'not-picked-up'
    ELSE                                                                              'declined'
  END;
BEGIN
  BEGIN
    PERFORM FROM orders WHERE order_id = NEW.order_id FOR NO KEY UPDATE NOWAIT;
  EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'order "%" is being changed by another request; try again', left(NEW.order_id, 64)
      USING ERRCODE = 'lock_not_available', TABLE = 'assignment';
  END;
  UPDATE orders
  SET driver_assigned = false, reassignments = reassignments + 1,
      assign_by = CASE
        WHEN OLD.accepted THEN greatest(assign_by, least(
          now() + settings.assign_within,
          coalesce(answer_by, now()) + 2 * settings.assign_within + settings.pick_up_within))
        ELSE assign_by
      END
  WHERE order_id = NEW.order_id AND driver_assigned AND NOT food_picked AND NOT closed;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'order "%" cannot be released: it is picked up or closed', left(NEW.order_id, 64)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'order_moves', TABLE = 'assignment';
  END IF;
  INSERT INTO declined_assignments (order_id, driver_id)
  SELECT NEW.order_id, NEW.driver_id WHERE outcome <> 'released'
  ON CONFLICT DO NOTHING;
  INSERT INTO order_history (order_id, step, outcome, trace_id)
  SELECT NEW.order_id, 'agent-assignment', outcome, (SELECT o.trace_id FROM orders AS o WHERE o.order_id = NEW.order_id);
  DELETE FROM assignment WHERE order_id = NEW.order_id;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS assignment_declined ON assignment;
CREATE TRIGGER assignment_declined
  AFTER UPDATE OF declined ON assignment
  FOR EACH ROW
  WHEN (NEW.declined AND NOT OLD.declined)
  EXECUTE FUNCTION release_order();

-- A driver that goes off duty releases the orders that are not picked up.
CREATE OR REPLACE FUNCTION release_orders_of_driver() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  -- Locked first, so that an order that is being picked up is skipped instead of failing this statement; in the order of all
  -- statements that lock several.
  WITH kept AS (
    SELECT a.order_id
    FROM orders AS o JOIN assignment AS a ON a.order_id = o.order_id
    WHERE a.driver_id = NEW.id AND NOT a.delivered AND o.driver_assigned AND NOT o.food_picked AND NOT o.closed
    ORDER BY o.order_id
    FOR NO KEY UPDATE OF o, a
  )
  UPDATE assignment AS a SET declined = true FROM kept WHERE a.order_id = kept.order_id;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS drivers_off_duty ON drivers;
CREATE TRIGGER drivers_off_duty
  AFTER UPDATE OF available ON drivers
  FOR EACH ROW
  WHEN (OLD.available AND NOT NEW.available)
  EXECUTE FUNCTION release_orders_of_driver();

-- Changes of orders whose hour may be summed up already (figures.hours). The hours are summed up a quarter of an hour later than the
-- limit of these conditions, so that a transaction that began before it is not missed. The settlement of a payment is a change of its order.
CREATE OR REPLACE FUNCTION note_late_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO figures.late_changes (hour)
  SELECT DISTINCT figures.start_of(at, 3600) FROM (VALUES (OLD.created), (NEW.created)) AS changed (at) WHERE at IS NOT NULL;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS orders_inserted_late ON orders;
DROP TRIGGER IF EXISTS orders_changed_late ON orders;
DROP TRIGGER IF EXISTS orders_deleted_late ON orders;
CREATE TRIGGER orders_inserted_late
  AFTER INSERT ON orders
  FOR EACH ROW WHEN (NEW.created < now() - interval '3 hours')
  EXECUTE FUNCTION note_late_change();
CREATE TRIGGER orders_changed_late
  AFTER UPDATE OF created, restaurant_id, total, problem, payment_valid, delivered,
                  cancelled, rejected, expired, delivery_failed ON orders
  FOR EACH ROW WHEN (OLD.created < now() - interval '3 hours' OR NEW.created < now() - interval '3 hours')
  EXECUTE FUNCTION note_late_change();
CREATE TRIGGER orders_deleted_late
  AFTER DELETE ON orders
  FOR EACH ROW WHEN (OLD.created < now() - interval '3 hours')
  EXECUTE FUNCTION note_late_change();

CREATE OR REPLACE FUNCTION note_late_refund() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO figures.late_changes (hour)
  SELECT figures.start_of(o.created, 3600)
  FROM orders AS o
  WHERE o.order_id = NEW.order_id AND o.created < now() - interval '3 hours';
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS refunds_settled_late ON refunds;
CREATE TRIGGER refunds_settled_late
  AFTER INSERT OR UPDATE OF status ON refunds
  FOR EACH ROW WHEN (NEW.status = 'succeeded')
  EXECUTE FUNCTION note_late_refund();


-- Views ---------------------------------------------------------------------------------------------------------------

-- The five counters of the Node.js example.
CREATE OR REPLACE VIEW number_orders AS
  SELECT count(*) AS count FROM orders;
CREATE OR REPLACE VIEW number_order_validated AS
  SELECT count(*) AS count FROM orders WHERE order_valid;
CREATE OR REPLACE VIEW number_order_payment_valid AS
  SELECT count(*) AS count FROM orders WHERE payment_valid;
CREATE OR REPLACE VIEW number_order_approved AS
  SELECT count(*) AS count FROM orders WHERE approved;
CREATE OR REPLACE VIEW number_order_driver_assigned AS
  SELECT count(*) AS count FROM orders WHERE driver_assigned;

-- Number of orders per status, and number of orders that reached it (`reached`: the five counters above and the two states
-- after them, so that a funnel is one consistent read and one scan). One row per status, including those without orders.
CREATE OR REPLACE VIEW orders_by_status AS
  WITH counted AS (
    SELECT status,
           count(*)                                  AS count,
           count(*) FILTER (WHERE order_valid)       AS validated,
           count(*) FILTER (WHERE payment_valid)     AS paid,
           count(*) FILTER (WHERE approved)          AS approved,
           count(*) FILTER (WHERE driver_assigned)   AS assigned,
           count(*) FILTER (WHERE food_picked)       AS picked_up,
           count(*) FILTER (WHERE delivered)         AS delivered
    FROM orders
    GROUP BY status
  )
  SELECT list.position, list.status,
         coalesce(own.count, 0) AS count,
         coalesce(CASE list.status
           WHEN 'placed'    THEN (SELECT sum(count)     FROM counted)
           WHEN 'validated' THEN (SELECT sum(validated) FROM counted)
           WHEN 'paid'      THEN (SELECT sum(paid)      FROM counted)
           WHEN 'approved'  THEN (SELECT sum(approved)  FROM counted)
           WHEN 'assigned'  THEN (SELECT sum(assigned)  FROM counted)
           WHEN 'picked_up' THEN (SELECT sum(picked_up) FROM counted)
           WHEN 'delivered' THEN (SELECT sum(delivered) FROM counted)
           ELSE own.count  -- the last state of its orders
         END, 0)::bigint AS reached
  FROM (VALUES
    (1, 'placed'), (2, 'refused'), (3, 'validated'), (4, 'paid'),
    (5, 'approved'), (6, 'assigned'), (7, 'picked_up'), (8, 'delivered'),
    (9, 'cancelled'), (10, 'rejected'), (11, 'expired'), (12, 'failed')
  ) AS list (position, status)
  LEFT JOIN counted AS own ON own.status = list.status
  ORDER BY list.position;

-- The part of the time since `since` that the sums in the schema figures cover: from `low`, the start of a period of some seconds, to
-- `high`, the start of an hour. They are equal if there is none.
CREATE OR REPLACE FUNCTION figures.summed_since(since timestamptz, seconds integer, OUT low timestamptz, OUT high timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT low, greatest(low, coalesce(until, low))
  FROM (
    SELECT greatest(figures.start_of(since + make_interval(secs => seconds) - interval '1 microsecond', seconds), min(hour)) AS low,
           max(hour) + interval '1 hour' AS until
    FROM figures.hours
  ) AS summed
$$;

-- Each time at which an order reached a state, in a period.
CREATE OR REPLACE FUNCTION figures.reached_between(since timestamptz, before timestamptz)
RETURNS TABLE (at timestamptz, state text)
LANGUAGE sql STABLE AS $$
  -- The comparison of the times is evaluated first: an empty period reads nothing.
  SELECT o.created, 'placed' FROM orders AS o WHERE o.created >= since AND o.created < before AND since < before
  UNION ALL
  SELECT h.at, h.outcome
  FROM order_history AS h
  WHERE h.at >= since AND h.at < before AND since < before
    AND h.outcome IN ('refused', 'validated', 'paid', 'approved', 'assigned', 'picked_up', 'delivered',
                      'cancelled', 'rejected', 'expired', 'failed')
$$;

-- Number of orders that reached each state over time: one row for each of the newest `buckets` intervals of `bucket_seconds`,
-- including the current one. Intervals without changes have zeros. Sums are read for the hours that have them, if they fit into the intervals;
-- the rest from the indexes on orders.created and order_history.at, and nothing older than the first interval.
CREATE OR REPLACE FUNCTION orders_reached_over_time(bucket_seconds integer, buckets integer)
RETURNS TABLE (
  bucket timestamptz, placed bigint, refused bigint, validated bigint, paid bigint,
  approved bigint, assigned bigint, picked_up bigint, delivered bigint,
  cancelled bigint, rejected bigint, expired bigint, failed bigint
)
LANGUAGE sql STABLE AS $$
  WITH number AS (
    SELECT newest - buckets + 1 AS first, newest, to_timestamp((newest - buckets + 1) * bucket_seconds) AS since
    FROM floor(extract(epoch FROM now())::double precision / bucket_seconds) AS newest
  ),
  period AS MATERIALIZED (
    SELECT since,
           CASE WHEN bucket_seconds % 900 = 0 THEN low  ELSE since END AS low,
           CASE WHEN bucket_seconds % 900 = 0 THEN high ELSE since END AS high
    FROM number CROSS JOIN LATERAL figures.summed_since(since, 900)
  ),
  happened AS (
    SELECT s.quarter AS at, s.state, s.orders
    FROM figures.reached AS s
    WHERE s.hour >= (SELECT figures.start_of(low, 3600) FROM period) AND s.hour < (SELECT high FROM period)
      AND s.quarter >= (SELECT low FROM period)
    UNION ALL
    SELECT at, state, 1 FROM figures.reached_between((SELECT since FROM period), (SELECT low FROM period))
    UNION ALL
    SELECT at, state, 1 FROM figures.reached_between((SELECT high FROM period), 'infinity')
  ),
  counted AS (
    SELECT floor(extract(epoch FROM at)::double precision / bucket_seconds) AS number,
           sum(orders) FILTER (WHERE state = 'placed')    AS placed,
           sum(orders) FILTER (WHERE state = 'refused')   AS refused,
           sum(orders) FILTER (WHERE state = 'validated') AS validated,
           sum(orders) FILTER (WHERE state = 'paid')      AS paid,
           sum(orders) FILTER (WHERE state = 'approved')  AS approved,
           sum(orders) FILTER (WHERE state = 'assigned')  AS assigned,
           sum(orders) FILTER (WHERE state = 'picked_up') AS picked_up,
           sum(orders) FILTER (WHERE state = 'delivered') AS delivered,
           sum(orders) FILTER (WHERE state = 'cancelled') AS cancelled,
           sum(orders) FILTER (WHERE state = 'rejected')  AS rejected,
           sum(orders) FILTER (WHERE state = 'expired')   AS expired,
           sum(orders) FILTER (WHERE state = 'failed')    AS failed
    FROM happened
    GROUP BY 1
  )
  SELECT to_timestamp(series.number * bucket_seconds),
         coalesce(placed, 0)::bigint, coalesce(refused, 0)::bigint, coalesce(validated, 0)::bigint,
         coalesce(paid, 0)::bigint, coalesce(approved, 0)::bigint, coalesce(assigned, 0)::bigint,
         coalesce(picked_up, 0)::bigint, coalesce(delivered, 0)::bigint, coalesce(cancelled, 0)::bigint,
         coalesce(rejected, 0)::bigint, coalesce(expired, 0)::bigint, coalesce(failed, 0)::bigint
  FROM number
  CROSS JOIN LATERAL generate_series(number.first::bigint, number.newest::bigint) AS series (number)
  LEFT JOIN counted ON counted.number = series.number
  ORDER BY series.number
$$;

-- The last ten minutes, the last hour, the last 24 hours, and the last seven days.
CREATE OR REPLACE VIEW orders_reached_per_ten_seconds AS
  SELECT * FROM orders_reached_over_time(10, 60);
CREATE OR REPLACE VIEW orders_reached_per_minute AS
  SELECT * FROM orders_reached_over_time(60, 60);
CREATE OR REPLACE VIEW orders_reached_per_quarter_hour AS
  SELECT * FROM orders_reached_over_time(900, 96);
CREATE OR REPLACE VIEW orders_reached_per_six_hours AS
  SELECT * FROM orders_reached_over_time(21600, 28);
DROP FUNCTION IF EXISTS orders_reached(integer, integer);  -- of earlier versions, with fewer columns

-- Figures of the restaurants over the orders that were placed in a period, and the times from placing them to their delivery. Each order's
-- payment, refund and delivery are read by key, whatever the number of others.
CREATE OR REPLACE FUNCTION figures.of_orders(since timestamptz, before timestamptz)
RETURNS TABLE (
  restaurant_id integer, orders bigint, paid bigint, delivered bigint, cancelled bigint, rejected bigint,
  expired bigint, failed bigint, refused bigint, revenue bigint, refunded bigint, priced bigint, totals bigint,
  delivery_ms double precision[]
)
LANGUAGE sql STABLE AS $$
  SELECT o.restaurant_id,
         count(*),
         count(*) FILTER (WHERE o.payment_valid),
         count(*) FILTER (WHERE o.delivered),
         count(*) FILTER (WHERE o.cancelled),
         count(*) FILTER (WHERE o.rejected),
         count(*) FILTER (WHERE o.expired),
         count(*) FILTER (WHERE o.delivery_failed),
         count(*) FILTER (WHERE o.problem IS NOT NULL),
         coalesce(sum(payment.amount), 0)::bigint,
         coalesce(sum(refund.amount), 0)::bigint,
         count(o.total) FILTER (WHERE o.payment_valid),
         coalesce(sum(o.total) FILTER (WHERE o.payment_valid), 0)::bigint,
         coalesce(array_agg(delivery.ms) FILTER (WHERE delivery.ms IS NOT NULL), '{}')
  FROM orders AS o
  LEFT JOIN LATERAL (
    SELECT p.id, p.amount FROM payments AS p WHERE p.order_id = o.order_id AND p.status = 'succeeded' LIMIT 1
  ) AS payment ON true
  LEFT JOIN LATERAL (
    SELECT r.amount FROM refunds AS r WHERE r.payment_id = payment.id AND r.status = 'succeeded' LIMIT 1
  ) AS refund ON true
  LEFT JOIN LATERAL (
    SELECT extract(epoch FROM min(h.at) - o.created)::double precision * 1000 AS ms
    FROM order_history AS h
    WHERE o.delivered AND h.order_id = o.order_id AND h.outcome = 'delivered'
  ) AS delivery ON true
  WHERE o.created >= since AND o.created < before AND since < before
  GROUP BY o.restaurant_id
$$;

-- Figures of the restaurants over the orders that were placed since a time, and of all of them together (`restaurant_id` null).
-- Amounts are cents; money is that of the payments and refunds of these orders. Complete hours that are summed up are read from the sums.
CREATE OR REPLACE FUNCTION restaurant_figures_since(since timestamptz)
RETURNS TABLE (
  restaurant_id integer, restaurant text, orders bigint, paid bigint, delivered bigint, cancelled bigint, rejected bigint,
  expired bigint, failed bigint, refused bigint, revenue bigint, refunded bigint, average_total bigint,
  median_ms double precision, p99_ms double precision
)
LANGUAGE sql STABLE AS $$
  WITH period AS MATERIALIZED (
    SELECT low, high FROM figures.summed_since(since, 3600)
  ),
  recent AS (
    SELECT * FROM figures.of_orders(since, (SELECT low FROM period))
    UNION ALL
    SELECT * FROM figures.of_orders((SELECT high FROM period), 'infinity')
  ),
  parts AS MATERIALIZED (
    SELECT r.*, array_fill(1::bigint, ARRAY[cardinality(r.delivery_ms)]) AS delivery_orders FROM recent AS r
    UNION ALL
    SELECT s.restaurant_id, s.orders, s.paid, s.delivered, s.cancelled, s.rejected, s.expired, s.failed, s.refused,
           s.revenue, s.refunded, s.priced, s.totals, s.delivery_ms, s.delivery_orders
    FROM figures.restaurant_hours AS s
    WHERE s.hour >= (SELECT low FROM period) AND s.hour < (SELECT high FROM period)
  ),
  sums AS (
    SELECT p.restaurant_id,
           coalesce(sum(p.orders), 0)::bigint AS orders, coalesce(sum(p.paid), 0)::bigint AS paid,
           coalesce(sum(p.delivered), 0)::bigint AS delivered, coalesce(sum(p.cancelled), 0)::bigint AS cancelled,
           coalesce(sum(p.rejected), 0)::bigint AS rejected, coalesce(sum(p.expired), 0)::bigint AS expired,
           coalesce(sum(p.failed), 0)::bigint AS failed, coalesce(sum(p.refused), 0)::bigint AS refused,
           coalesce(sum(p.revenue), 0)::bigint AS revenue, coalesce(sum(p.refunded), 0)::bigint AS refunded,
           round(sum(p.totals) / nullif(sum(p.priced), 0))::bigint AS average_total
    FROM parts AS p
    GROUP BY GROUPING SETS ((p.restaurant_id), ())
  ),
  -- Percentiles: the smallest time that this share of the orders does not exceed.
  ranked AS (
    SELECT owner.id AS restaurant_id, d.ms,
           sum(d.orders) OVER (PARTITION BY owner.id ORDER BY d.ms) AS until,
           sum(d.orders) OVER (PARTITION BY owner.id)               AS orders
    FROM parts AS p
    CROSS JOIN LATERAL unnest(p.delivery_ms, p.delivery_orders) AS d (ms, orders)
    CROSS JOIN LATERAL (VALUES (p.restaurant_id), (NULL)) AS owner (id)
  ),
  percentiles AS (
    SELECT r.restaurant_id,
           min(r.ms) FILTER (WHERE r.until >= 0.50 * r.orders) AS median_ms,
           min(r.ms) FILTER (WHERE r.until >= 0.99 * r.orders) AS p99_ms
    FROM ranked AS r
    GROUP BY r.restaurant_id
  ),
  figures AS (
    SELECT sums.*, percentiles.median_ms, percentiles.p99_ms
    FROM sums LEFT JOIN percentiles ON percentiles.restaurant_id IS NOT DISTINCT FROM sums.restaurant_id
  )
  SELECT r.id, r.name, coalesce(f.orders, 0), coalesce(f.paid, 0), coalesce(f.delivered, 0), coalesce(f.cancelled, 0),
         coalesce(f.rejected, 0), coalesce(f.expired, 0), coalesce(f.failed, 0), coalesce(f.refused, 0),
         coalesce(f.revenue, 0), coalesce(f.refunded, 0), f.average_total, f.median_ms, f.p99_ms
  FROM restaurants AS r
  LEFT JOIN figures AS f ON f.restaurant_id = r.id
  UNION ALL
  SELECT NULL, NULL, f.orders, f.paid, f.delivered, f.cancelled, f.rejected, f.expired, f.failed, f.refused,
         f.revenue, f.refunded, f.average_total, f.median_ms, f.p99_ms
  FROM figures AS f
  WHERE f.restaurant_id IS NULL
$$;

-- One branch per range, each with a constant, so that a condition on `range` computes the one that it selects. A day starts at
-- midnight in the time zone of the database.
CREATE OR REPLACE VIEW restaurant_figures AS
  SELECT '15m'::text AS range, f.* FROM restaurant_figures_since(now() - interval '15 minutes') AS f
  UNION ALL
  SELECT '1h', f.* FROM restaurant_figures_since(now() - interval '1 hour') AS f
  UNION ALL
  SELECT 'today', f.* FROM restaurant_figures_since(date_trunc('day', now())) AS f
  UNION ALL
  SELECT '7d', f.* FROM restaurant_figures_since(now() - interval '7 days') AS f;

-- Duration of each step in milliseconds, from the end of the previous step (the first: from placing the order), over the newest
-- 1000 orders, so that the cost does not depend on their number. Payment, pick-up and delivery include manual actions.
CREATE OR REPLACE VIEW step_times AS
  WITH newest AS (
    SELECT order_id, created FROM orders ORDER BY created DESC LIMIT 1000
  ),
  taken AS (
    SELECT history.step, extract(epoch FROM history.at - coalesce(history.before, newest.created))::double precision * 1000 AS ms
    FROM newest
    CROSS JOIN LATERAL (  -- lateral, so that each history is read by its key, independently of the size of the table
      SELECT h.step, h.at, lag(h.at) OVER (ORDER BY h.id) AS before
      FROM order_history AS h
      WHERE h.order_id = newest.order_id
        AND h.outcome IN ('validated', 'refused', 'paid', 'approved', 'assigned', 'picked_up', 'delivered')
    ) AS history
  )
  SELECT list.position,
         list.step,
         count(taken.ms)                                          AS orders,
         percentile_cont(0.50) WITHIN GROUP (ORDER BY taken.ms)   AS p50_ms,
         percentile_cont(0.90) WITHIN GROUP (ORDER BY taken.ms)   AS p90_ms,
         percentile_cont(0.99) WITHIN GROUP (ORDER BY taken.ms)   AS p99_ms
  FROM (VALUES
    (1, 'validate-order'), (2, 'payment'), (3, 'restaurant-approval'), (4, 'agent-assignment'),
    (5, 'pick-up'), (6, 'delivery')
  ) AS list (position, step)
  LEFT JOIN taken ON taken.step = list.step
  GROUP BY list.position, list.step
  ORDER BY list.position;

-- Orders whose next step has not happened in time, with the last row of their history: a step of a function or the restaurant, or the
-- refund, for 10 s; the pick-up and the delivery, for the limits of workflow_settings. (A validated order waits for its customer: it is
-- not stuck.)
CREATE OR REPLACE VIEW stuck_orders AS
  SELECT o.order_id, o.user_id, o.restaurant_id, o.status, o.created,
         coalesce(last.at, o.created) AS since,
         CASE o.status
           WHEN 'placed'    THEN 'validate-order'
           WHEN 'paid'      THEN 'restaurant-approval'
           WHEN 'approved'  THEN 'agent-assignment'
           WHEN 'assigned'  THEN 'pick-up'
           WHEN 'picked_up' THEN 'delivery'
           ELSE                  'refund-payment'
         END AS next_step,
         last.step AS last_step, last.outcome AS last_outcome, last.event_id AS last_event_id, last.attempt AS last_attempt
  FROM orders AS o
  CROSS JOIN LATERAL (
    SELECT now() - CASE o.status
      WHEN 'assigned'  THEN (SELECT pick_up_within FROM workflow_settings)
      WHEN 'picked_up' THEN (SELECT deliver_within FROM workflow_settings)
      ELSE                  interval '10 seconds'
    END AS before
  ) AS due
  LEFT JOIN LATERAL (
    SELECT h.at, h.step, h.outcome, h.event_id, h.attempt
    FROM order_history AS h
    WHERE h.order_id = o.order_id
    ORDER BY h.id DESC
    LIMIT 1
  ) AS last ON true
  WHERE (o.status IN ('placed', 'paid', 'approved', 'assigned', 'picked_up')
         OR (o.refund_requests > 0 AND EXISTS (
               SELECT FROM payments AS p
               WHERE p.order_id = o.order_id AND p.status IN ('succeeded', 'processing')
                 AND NOT EXISTS (SELECT FROM refunds AS r WHERE r.payment_id = p.id AND r.status = 'succeeded')
             )))
    AND o.created < due.before  -- first, so that the history of recent orders is not read
    AND coalesce(last.at, o.created) < due.before;

-- When a restaurant opens next by its hours: null if they permit orders at the time `at`. The only place that reads the hours:
-- validate-order uses it for the time at which an order was placed, and the view below for the present. It returns one row, so that
-- Postgres inlines it into the query.
CREATE OR REPLACE FUNCTION next_opening(restaurant integer, at timestamptz) RETURNS TABLE (opens_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN NOT bool_or(period.opens <= at) THEN min(period.opens) END
  FROM (
    SELECT (day.date + h.opens) AT TIME ZONE r.time_zone AS opens,
           (day.date + h.closes + CASE WHEN h.closes <= h.opens THEN interval '1 day' ELSE interval '0' END)
             AT TIME ZONE r.time_zone AS closes
    FROM opening_hours AS h
    JOIN restaurants AS r ON r.id = h.restaurant_id
    -- From yesterday, whose hours may end today, to the same weekday of the next week.
    CROSS JOIN LATERAL (
      SELECT (at AT TIME ZONE r.time_zone)::date + number AS date FROM generate_series(-1, 7) AS number
    ) AS day
    WHERE h.restaurant_id = restaurant AND h.weekday = extract(isodow FROM day.date)
  ) AS period
  WHERE period.closes > at
$$;

-- Restaurants that take no orders now, by their hours or because they have paused them, and when they take orders again. `paused` is true
-- if that is the end of the pause.
CREATE OR REPLACE VIEW restaurant_openings AS
  SELECT r.id AS restaurant_id, coalesce(next.opens_at, r.paused_until) AS opens_at, next.opens_at IS NULL AS paused
  FROM restaurants AS r
  CROSS JOIN LATERAL next_opening(r.id, greatest(now(), r.paused_until)) AS next
  WHERE next.opens_at IS NOT NULL OR r.paused_until > now();

-- Point of an address on the map of the city (restaurants.x and y). There is no geocoder: the point is derived from a hash, so that
-- equal addresses have equal points, and the map shows something for each. No point is within ten units north or south of the river
-- that the apps draw (apps/shared/src/map/city.ts). Created if it is missing, and if it is the one of an earlier version, whose points may be
-- in the river: an application replaces it with CREATE OR REPLACE FUNCTION, by one that reads the points of a real geocoder, and keeps it.
DO $do$
BEGIN
  IF coalesce((
    SELECT md5(regexp_replace(prosrc, '\s+', ' ', 'g')) = '5955d7dd3c76e8ad6b03aea559aa1d6e'
    FROM pg_proc WHERE oid = to_regprocedure('place_of(text)')
  ), true) THEN
    CREATE OR REPLACE FUNCTION place_of(address text, OUT x real, OUT y real)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT place.x::real, (place.y + CASE WHEN place.y > river.y - 10 THEN 20 ELSE 0 END)::real
      FROM (
        SELECT 5 + 90 * ('x' || substr(hash, 1, 6))::bit(24)::integer / 16777216.0 AS x,
               5 + 70 * ('x' || substr(hash, 7, 6))::bit(24)::integer / 16777216.0 AS y
        FROM md5(lower(regexp_replace(address, '\s+', ' ', 'g'))) AS hash
      ) AS place
      CROSS JOIN LATERAL (
        SELECT 55 - 14 * least(greatest(place.x - 20, 0) / 30, 1) + 33 * greatest(place.x - 66, 0) / 29 AS y
      ) AS river
    $$;
  END IF;
END $do$;

-- Orders with the names of restaurant and driver, for lists of orders. Columns from other tables are subqueries instead of
-- joins, so that a list of the newest 20 orders computes them for 20 orders.
CREATE OR REPLACE VIEW order_summaries AS
  SELECT o.order_id, o.user_id, o.address, o.restaurant_id, o.status, o.problem, o.total, o.created,
         (SELECT r.name FROM restaurants AS r WHERE r.id = o.restaurant_id) AS restaurant,
         (
           SELECT string_agg(concat(nullif(quantity, 1) || ' × ', item), ', ' ORDER BY first)
           FROM (
             SELECT i.item, sum(i.quantity) AS quantity, min(i.id) AS first
             FROM items AS i
             WHERE i.order_id = o.order_id
             GROUP BY i.item
           ) AS item
         ) AS items,
         (
           SELECT d.name
           FROM assignment AS a JOIN drivers AS d ON d.id = a.driver_id
           WHERE a.order_id = o.order_id
         ) AS driver,
         -- The restaurant approves manually, or did so when the order was paid.
         o.status = 'paid' AND EXISTS (
           SELECT FROM order_history AS h
           WHERE h.order_id = o.order_id AND h.step = 'restaurant-approval' AND h.outcome = 'waiting'
         ) AS waiting_for_approval,
         (SELECT a.driver_id FROM assignment AS a WHERE a.order_id = o.order_id) AS driver_id,
         o.approved, o.food_picked, o.delivered,
         o.rejected, o.delivery_failed, o.close_reason, o.answer_by, o.assign_by,
         (SELECT a.accepted FROM assignment AS a WHERE a.order_id = o.order_id) AS accepted,
         o.note, o.preparation_minutes
  FROM orders AS o;

-- One view per manual step. Its rows are the orders that can take the step, and an UPDATE of its flag takes the step for these
-- orders only, also if several clients try at the same time. So staff need no permission to update the table
-- (permissions.json), and the conditions of a step are here, where no client can omit them.
CREATE OR REPLACE VIEW orders_to_approve AS
  SELECT order_id, user_id, address, restaurant_id, restaurant, items, total, created, waiting_for_approval, approved,
         rejected, close_reason, answer_by, note, preparation_minutes
  FROM order_summaries
  WHERE status = 'paid';
CREATE OR REPLACE VIEW orders_to_pick_up AS
  SELECT order_id, user_id, address, restaurant_id, restaurant, items, total, created, driver, driver_id, food_picked,
         (SELECT r.x FROM restaurants AS r WHERE r.id = restaurant_id) AS restaurant_x,
         (SELECT r.y FROM restaurants AS r WHERE r.id = restaurant_id) AS restaurant_y,
         (place_of(address)).x AS destination_x, (place_of(address)).y AS destination_y,
         -- When the restaurant expects the food to be ready, as order_tracking.
         (SELECT max(h.at) FROM order_history AS h WHERE h.order_id = order_summaries.order_id AND h.outcome = 'approved')
           + make_interval(mins => coalesce(
               preparation_minutes, (SELECT r.preparation_minutes FROM restaurants AS r WHERE r.id = restaurant_id), 15)) AS ready_at
  FROM order_summaries
  WHERE status = 'assigned' AND accepted;
-- Assignments that their drivers have to answer: `accepted` or `declined` of the table assignment is set.
CREATE OR REPLACE VIEW orders_to_accept AS
  SELECT s.order_id, s.address, s.restaurant_id, s.restaurant, s.items, s.created, s.driver, s.driver_id, a.accept_by,
         r.x AS restaurant_x, r.y AS restaurant_y,
         (place_of(s.address)).x AS destination_x, (place_of(s.address)).y AS destination_y
  FROM order_summaries AS s
  JOIN assignment AS a ON a.order_id = s.order_id
  LEFT JOIN restaurants AS r ON r.id = s.restaurant_id
  WHERE s.status = 'assigned' AND NOT a.accepted;
CREATE OR REPLACE VIEW orders_to_deliver AS
  SELECT order_id, user_id, address, restaurant_id, restaurant, items, total, created, driver, driver_id, delivered,
         delivery_failed, close_reason,
         (SELECT r.x FROM restaurants AS r WHERE r.id = restaurant_id) AS restaurant_x,
         (SELECT r.y FROM restaurants AS r WHERE r.id = restaurant_id) AS restaurant_y,
         (place_of(address)).x AS destination_x, (place_of(address)).y AS destination_y
  FROM order_summaries
  WHERE status = 'picked_up';

-- Where an order is, and when it is expected: for the map of its customer and its driver. The position of the driver is part of it
-- from the acceptance to the end of the delivery only. One row is read by keys.
--
-- The expected time is computed from the last stage that is complete, not from the present time: its value changes with the order,
-- so that live queries receive it once. Null before the payment and after the end.
CREATE OR REPLACE VIEW order_tracking AS
  SELECT o.order_id, o.user_id, o.restaurant_id, o.status,
         r.name AS restaurant, r.x AS restaurant_x, r.y AS restaurant_y,
         destination.x AS destination_x, destination.y AS destination_y,
         d.name AS driver, seen.x AS driver_x, seen.y AS driver_y, seen.at AS driver_at,
         CASE o.status
           WHEN 'paid'      THEN stage.paid + answer.expected + preparation.expected + travel.expected
           WHEN 'approved'  THEN stage.approved + preparation.expected + travel.expected
           -- The driver reaches the restaurant in ten minutes, usually while the food is prepared.
           WHEN 'assigned'  THEN greatest(stage.approved + preparation.expected, stage.assigned + interval '10 minutes')
                                   + travel.expected
           WHEN 'picked_up' THEN stage.picked_up + travel.expected
         END AS eta,
         active.driver_id  -- null unless the order is on its way: a driver sees its own active orders
  FROM orders AS o
  LEFT JOIN restaurants AS r ON r.id = o.restaurant_id
  CROSS JOIN LATERAL place_of(o.address) AS destination
  LEFT JOIN assignment AS a ON a.order_id = o.order_id
  LEFT JOIN drivers AS d ON d.id = a.driver_id
  LEFT JOIN assignment AS active ON active.order_id = o.order_id AND NOT active.delivered AND NOT o.closed
  LEFT JOIN driver_positions AS seen ON seen.driver_id = active.driver_id AND active.accepted AND seen.at >= active.created
  LEFT JOIN LATERAL (
    SELECT coalesce(max(h.at) FILTER (WHERE h.outcome = 'paid'),      o.created) AS paid,
           coalesce(max(h.at) FILTER (WHERE h.outcome = 'approved'),  o.created) AS approved,
           coalesce(max(h.at) FILTER (WHERE h.outcome = 'assigned'),  o.created) AS assigned,
           coalesce(max(h.at) FILTER (WHERE h.outcome = 'picked_up'), o.created) AS picked_up
    FROM order_history AS h
    WHERE h.order_id = o.order_id AND o.status IN ('paid', 'approved', 'assigned', 'picked_up')
  ) AS stage ON true
  CROSS JOIN LATERAL (SELECT CASE WHEN r.auto_approve THEN interval '0' ELSE interval '3 minutes' END) AS answer (expected)
  CROSS JOIN LATERAL (SELECT make_interval(mins => coalesce(o.preparation_minutes, r.preparation_minutes, 15))) AS preparation (expected)
  -- The map is about ten kilometres wide.
  CROSS JOIN LATERAL (
    SELECT interval '3 minutes'
             + interval '15 seconds' * sqrt((destination.x - coalesce(r.x, 50)) ^ 2 + (destination.y - coalesce(r.y, 50)) ^ 2)
  ) AS travel (expected);

-- Deliveries of drivers that were assigned in the last two days and have ended, also those that failed (`status`), with the distance
-- from the restaurant to the address, which is not a column: it concerns the driver until the end of the delivery only.
CREATE OR REPLACE VIEW driver_deliveries AS
  SELECT a.driver_id, a.order_id, o.restaurant_id, r.name AS restaurant, o.status, o.close_reason, stage.picked_up, stage.ended,
         extract(epoch FROM stage.ended - stage.picked_up)::double precision / 60 AS minutes,
         -- The map is about ten kilometres wide.
         sqrt((destination.x - r.x) ^ 2 + (destination.y - r.y) ^ 2) / 10 AS kilometres
  FROM assignment AS a
  JOIN orders AS o ON o.order_id = a.order_id
  LEFT JOIN restaurants AS r ON r.id = o.restaurant_id
  CROSS JOIN LATERAL place_of(o.address) AS destination
  CROSS JOIN LATERAL (
    SELECT max(h.at) FILTER (WHERE h.outcome = 'picked_up')              AS picked_up,
           max(h.at) FILTER (WHERE h.outcome IN ('delivered', 'failed')) AS ended
    FROM order_history AS h
    WHERE h.order_id = a.order_id
  ) AS stage
  WHERE a.delivered AND a.created > now() - interval '2 days';

-- Drivers and the number of their undelivered orders.
CREATE OR REPLACE VIEW driver_loads AS
  SELECT d.id, d.name, d.available, coalesce(undelivered.orders, 0) AS orders, d.auto_accept
  FROM drivers AS d
  LEFT JOIN (
    SELECT driver_id, count(*) AS orders FROM assignment WHERE NOT delivered GROUP BY driver_id
  ) AS undelivered ON undelivered.driver_id = d.id;


-- Failed events -------------------------------------------------------------------------------------------------------
-- Events that were given up, and those that wait for another attempt, with their last call, for managers: the catalog of the engine or of
-- Hasura is not exposed over GraphQL. An UPDATE that sets `redeliver` delivers an event again, which is safe for each step. The catalog is created after this
-- file is applied to a new database, and its owner may change it, so the functions refer to it only when they run.

CREATE OR REPLACE FUNCTION read_given_up_events()
RETURNS TABLE (
  id text, trigger_name text, table_name text, op text, order_id text, tries integer, created timestamptz,
  failed timestamptz, last_status integer, last_response text
)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF to_regclass('hdb_catalog.event_log') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT e.id::text, e.trigger_name, e.table_name, e.payload ->> 'op', e.payload #>> '{data,new,order_id}', e.tries,
           e.created_at AT TIME ZONE 'UTC', last.created_at AT TIME ZONE 'UTC', last.status,
           left(last.response::text, 4000)  -- as text: it may contain escapes that the operators of json cannot read
    FROM hdb_catalog.event_log AS e
    LEFT JOIN LATERAL (
      SELECT l.status, l.response, l.created_at
      FROM hdb_catalog.event_invocation_logs AS l
      WHERE l.event_id = e.id
      ORDER BY l.created_at DESC
      LIMIT 1
    ) AS last ON true
    WHERE e.error AND NOT e.archived
    ORDER BY e.created_at DESC
    LIMIT 1000;  -- the newest: a live query reads them each second
END $$;

-- Hasura has no index for the failed events: without one, each read of the view reads the whole log. It is created while the log is
-- small, because that blocks the writing of events; for a larger one it is to be created concurrently, by hand. This project's engine has
-- an index of its own. A role that does not own the log, which cannot create it, leaves it out.
DO $do$
DECLARE
  log regclass;
BEGIN
  -- Not to_regclass, which fails for a role that may not use the schema.
  SELECT c.oid INTO log
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = 'hdb_catalog' AND c.relname = 'event_log' AND has_schema_privilege(n.oid, 'USAGE');
  IF log IS NULL OR EXISTS (
    SELECT FROM pg_index WHERE indrelid = log AND pg_get_expr(indpred, indrelid) LIKE '%error%archived%'
  ) THEN
    RETURN;
  END IF;
  IF pg_relation_size(log) > 64 * 1024 * 1024 THEN
    RAISE WARNING 'failed events have no index, and the event log is large; create it: %',
      'CREATE INDEX CONCURRENTLY event_log_given_up_idx ON hdb_catalog.event_log (created_at) WHERE error AND NOT archived';
    RETURN;
  END IF;
  CREATE INDEX event_log_given_up_idx ON hdb_catalog.event_log (created_at) WHERE error AND NOT archived;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'the index for failed events was not created: the role does not own hdb_catalog.event_log';
END $do$;

CREATE OR REPLACE VIEW given_up_events AS
  SELECT *, false AS redeliver FROM read_given_up_events();

CREATE OR REPLACE FUNCTION redeliver_event() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.redeliver THEN
    UPDATE hdb_catalog.event_log
    SET error = false, tries = 0, next_retry_at = NULL
    WHERE id = OLD.id AND error AND NOT archived;
    IF NOT FOUND THEN
      RETURN NULL;  -- redelivered by another client in the meantime
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- Figures of the events for the watchman, which may not read the events themselves: the number of those that were given up, at most
-- 1000, and the age of the oldest undelivered one in seconds. Null without a catalog. With the rights of its owner, so it reads nothing
-- but a table of that name: a view could execute other code.
CREATE OR REPLACE FUNCTION event_backlog(OUT failed integer, OUT oldest double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('hdb_catalog.event_log') AND relkind = 'r') THEN
    SELECT count(*) INTO failed
    FROM (SELECT FROM hdb_catalog.event_log WHERE error AND NOT archived LIMIT 1000) AS given_up;
    SELECT coalesce(greatest(extract(epoch FROM now() - min(created_at) AT TIME ZONE 'UTC'), 0), 0) INTO oldest
    FROM hdb_catalog.event_log
    WHERE NOT delivered AND NOT error AND NOT archived;
  END IF;
END $$;
REVOKE ALL ON FUNCTION event_backlog() FROM PUBLIC;

-- Events whose delivery has failed and is repeated, the next ones first. An UPDATE that sets `cancel` archives an event: its function is not
-- called for it again. One whose call is in progress is not cancelled.
CREATE OR REPLACE FUNCTION read_pending_events()
RETURNS TABLE (
  id text, trigger_name text, table_name text, op text, order_id text, tries integer, created timestamptz,
  next_attempt timestamptz, failed timestamptz, last_status integer, last_response text
)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF to_regclass('hdb_catalog.event_log') IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT e.id::text, e.trigger_name, e.table_name, e.payload ->> 'op', e.payload #>> '{data,new,order_id}', e.tries,
           e.created_at AT TIME ZONE 'UTC', e.next_retry_at AT TIME ZONE 'UTC', last.created_at AT TIME ZONE 'UTC', last.status,
           left(last.response::text, 4000)
    FROM (
      -- In the order of the index of waiting events: an outage leaves many of them.
      SELECT *
      FROM hdb_catalog.event_log
      WHERE NOT delivered AND NOT error AND NOT archived AND tries > 0 AND next_retry_at < 'infinity'
      ORDER BY next_retry_at, created_at
      LIMIT 1000
    ) AS e
    LEFT JOIN LATERAL (
      SELECT l.status, l.response, l.created_at
      FROM hdb_catalog.event_invocation_logs AS l
      WHERE l.event_id = e.id
      ORDER BY l.created_at DESC
      LIMIT 1
    ) AS last ON true
    ORDER BY e.next_retry_at, e.created_at;
END $$;

CREATE OR REPLACE VIEW pending_events AS
  SELECT *, false AS cancel FROM read_pending_events();

CREATE OR REPLACE FUNCTION cancel_event() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.cancel THEN
    -- A lock of this age is of an engine that has exited, or of a call that lasts as long.
    UPDATE hdb_catalog.event_log
    SET archived = true
    WHERE id = OLD.id AND NOT delivered AND NOT error AND NOT archived
      AND coalesce(locked <= now() - interval '30 minutes', true);
    IF NOT FOUND THEN
      RETURN NULL;  -- delivered, given up or cancelled in the meantime, or its call is in progress
    END IF;
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS pending_events_cancelled ON pending_events;
CREATE TRIGGER pending_events_cancelled
  INSTEAD OF UPDATE ON pending_events
  FOR EACH ROW EXECUTE FUNCTION cancel_event();

DROP TRIGGER IF EXISTS given_up_events_redelivered ON given_up_events;
CREATE TRIGGER given_up_events_redelivered
  INSTEAD OF UPDATE ON given_up_events
  FOR EACH ROW EXECUTE FUNCTION redeliver_event();


-- Totals of older orders ----------------------------------------------------------------------------------------------
-- Orders validated before the column `total` existed get their total, so that they can be paid.
-- One menu was valid for all restaurants then.
UPDATE orders
SET total = (
  SELECT sum(i.quantity * (
    SELECT m.price FROM menu_items AS m
    WHERE m.name = i.item
    ORDER BY m.restaurant_id <> orders.restaurant_id, m.restaurant_id
    LIMIT 1
  ))
  FROM items AS i
  WHERE i.order_id = orders.order_id
)
WHERE order_valid AND total IS NULL;
