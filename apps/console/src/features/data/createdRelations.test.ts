import { expect, test } from 'vitest'

import { createdRelations } from './createdRelations'

test('created tables and views are found', () => {
  const sql = `
    CREATE TABLE a (id int);
    create table if not exists "B ""x" (id int);
    CREATE OR REPLACE VIEW audit.Changes AS SELECT 1;
    CREATE MATERIALIZED VIEW m AS SELECT 1;
    CREATE UNLOGGED TABLE u ();`
  expect(createdRelations(sql)).toEqual([
    { schema: 'public', name: 'a' },
    { schema: 'public', name: 'B "x' },
    { schema: 'audit', name: 'changes' },
    { schema: 'public', name: 'm' },
    { schema: 'public', name: 'u' },
  ])
})

test('texts, comments, bodies and temporary tables are not', () => {
  const sql = `
    -- CREATE TABLE a ()
    /* CREATE TABLE b () */
    SELECT 'CREATE TABLE c ()';
    CREATE FUNCTION f() RETURNS void AS $$ CREATE TABLE d () $$ LANGUAGE sql;
    CREATE TEMP TABLE e (); CREATE INDEX i ON a (id);`
  expect(createdRelations(sql)).toEqual([])
})
