-- The tables and views of hasura/3factor-example by name, type and nullability, and rows that it can leave behind.
CREATE TABLE orders (
  order_id text PRIMARY KEY, user_id text NOT NULL, restaurant_id integer NOT NULL, address text NOT NULL,
  placed boolean NOT NULL DEFAULT false, approved boolean NOT NULL DEFAULT false,
  driver_assigned boolean NOT NULL DEFAULT false, food_picked boolean NOT NULL DEFAULT false,
  delivered boolean NOT NULL DEFAULT false, order_valid boolean DEFAULT false, payment_valid boolean,
  created timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE items (id serial PRIMARY KEY, order_id text NOT NULL REFERENCES orders (order_id), item text NOT NULL);
CREATE TABLE payments (
  id serial PRIMARY KEY, order_id text NOT NULL REFERENCES orders (order_id), type text NOT NULL, amount integer NOT NULL
);
CREATE TABLE assignment (order_id text NOT NULL REFERENCES orders (order_id), driver_id integer NOT NULL);
CREATE TABLE menu_items (name text NOT NULL);
CREATE VIEW number_orders AS SELECT count(*) AS count FROM orders;
CREATE VIEW number_order_validated AS SELECT count(*) AS count FROM orders WHERE order_valid = true;
CREATE VIEW number_order_payment_valid AS SELECT count(*) AS count FROM orders WHERE payment_valid = true;
CREATE VIEW number_order_approved AS SELECT count(*) AS count FROM orders WHERE approved = true;
CREATE VIEW number_order_driver_assigned AS SELECT count(*) AS count FROM orders WHERE driver_assigned = true;

INSERT INTO menu_items VALUES ('pizza'), ('mangoes'), ('chocolate milkshake'), ('burger'), ('idli'), ('pizza');
INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES
  ('done', 'u', 1, 'a'), ('validated', 'u', 1, 'a'), ('empty', 'u', 1, 'a');
INSERT INTO items (order_id, item) VALUES ('done', 'pizza'), ('validated', 'pizza'), ('validated', 'idli');
UPDATE orders SET order_valid = true WHERE order_id <> 'empty';
UPDATE orders SET payment_valid = true, approved = true, driver_assigned = true WHERE order_id = 'done';
INSERT INTO payments (order_id, type, amount) VALUES
  ('done', 'credit_card', 500), ('done', 'credit_card', 500), ('empty', 'credit_card', -5);
INSERT INTO assignment VALUES ('done', 99), ('done', 7), ('done', 12);
