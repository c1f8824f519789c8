-- Tables of the floor: the columns of schema.sql with primary keys, without other indexes, foreign keys and triggers.
CREATE SCHEMA floor;
CREATE TABLE floor.orders     (LIKE orders     INCLUDING DEFAULTS, PRIMARY KEY (order_id)) WITH (fillfactor = 50);
CREATE TABLE floor.items      (LIKE items      INCLUDING DEFAULTS, PRIMARY KEY (id));
CREATE TABLE floor.payments   (LIKE payments   INCLUDING DEFAULTS, PRIMARY KEY (order_id, attempt));
CREATE TABLE floor.assignment (LIKE assignment INCLUDING DEFAULTS, PRIMARY KEY (order_id));
