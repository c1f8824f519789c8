CREATE TABLE author (
  id serial PRIMARY KEY,
  name text UNIQUE,
  info jsonb,
  emails text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE article (
  id serial PRIMARY KEY,
  title text NOT NULL,
  author_id integer NOT NULL REFERENCES author (id),
  is_published boolean NOT NULL DEFAULT false,
  words bigint CHECK (words >= 0),
  rating numeric,
  created timestamptz NOT NULL DEFAULT now(),
  slug text GENERATED ALWAYS AS (lower(title)) STORED
);
-- The same name in another schema.
CREATE SCHEMA other;
CREATE TABLE other.article (id integer PRIMARY KEY, note text);
INSERT INTO other.article VALUES (1, 'not the one in public');

CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN short AS varchar(5);
CREATE TABLE odd (
  "select" integer PRIMARY KEY,
  "Mixed" text DEFAULT 'dflt',
  mood mood,
  short short,
  code char(3),
  amount money,
  days daterange,
  at time with time zone,
  pairs integer[][],
  doc json,
  big numeric,
  bytes bytea
);
CREATE VIEW author_names AS SELECT id, name FROM author;
CREATE VIEW author_counts AS SELECT author_id, count(*) AS n FROM article GROUP BY author_id;

INSERT INTO author (name, info) VALUES ('Ann', '{"age": 30, "tags": ["a", "b"]}'), ('Bob', '{"age": 40}'), ('Cy', NULL);
INSERT INTO article (title, author_id, is_published, words, rating) VALUES
  ('One', 1, true, 100, 1.5), ('Two', 1, false, 9007199254740993, 2.25), ('Three', 2, true, 300, NULL), ('Four', 2, true, NULL, 4);
