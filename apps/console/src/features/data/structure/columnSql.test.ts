import { expect, test } from 'vitest'

import { NEW_COLUMN, addColumnSql, alterColumnSql, commentSql, fieldsOf } from './columnSql'
import type { Column } from '../../../engine/catalog'

const table = { schema: 'public', name: 'orders' }
const column: Column = {
  name: 'note',
  type: 'text',
  nullable: true,
  default: "''::text",
  generated: false,
  comment: null,
  words: null,
}

test('a column is added with its constraints and comment', () => {
  const fields = {
    ...NEW_COLUMN,
    name: 'a"b',
    type: 'integer',
    nullable: false,
    unique: true,
    default: '1',
    comment: "it's",
  }
  expect(addColumnSql(table, fields)).toBe(
    'ALTER TABLE "public"."orders" ADD COLUMN "a""b" integer NOT NULL UNIQUE DEFAULT 1;\n' +
      `COMMENT ON COLUMN "public"."orders"."a""b" IS 'it''s';`,
  )
})

test('only what differs is altered', () => {
  const before = fieldsOf(column)
  expect(alterColumnSql(table, column, before)).toBe('')
  expect(alterColumnSql(table, column, { ...before, nullable: false })).toBe(
    'ALTER TABLE "public"."orders" ALTER COLUMN "note" SET NOT NULL;',
  )
  expect(alterColumnSql(table, column, { ...before, default: '' })).toBe(
    'ALTER TABLE "public"."orders" ALTER COLUMN "note" DROP DEFAULT;',
  )
})

test('a renamed column is altered by its new name, and its default is set again for another type', () => {
  const fields = { ...fieldsOf(column), name: 'remark', type: 'integer', default: '0' }
  expect(alterColumnSql(table, column, fields).split('\n')).toEqual([
    'ALTER TABLE "public"."orders" RENAME COLUMN "note" TO "remark";',
    'ALTER TABLE "public"."orders" ALTER COLUMN "remark" DROP DEFAULT;',
    'ALTER TABLE "public"."orders" ALTER COLUMN "remark" TYPE integer USING "remark"::integer;',
    'ALTER TABLE "public"."orders" ALTER COLUMN "remark" SET DEFAULT 0;',
  ])
})

test('an empty comment is removed', () => {
  expect(commentSql(table, 'materialized view', ' ')).toBe(
    'COMMENT ON MATERIALIZED VIEW "public"."orders" IS NULL;',
  )
})
