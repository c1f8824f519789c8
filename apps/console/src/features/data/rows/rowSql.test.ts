import { expect, test } from 'vitest'

import { deleteSql, insertSql, pageSql, updateSql } from './rowSql'

const table = { schema: 'public', name: 'orders' }

test('a page is filtered, sorted and complete in its order', () => {
  const sql = pageSql(
    table,
    ['id', 'note'],
    [
      { column: 'note', operator: 'contains', value: "50%_'x" },
      { column: 'id', operator: 'is not null', value: '' },
    ],
    { column: 'note', descending: true },
    ['id'],
    200,
  )
  expect(sql).toContain(`"note"::text ILIKE E'%50\\\\%\\\\_''x%'`)
  expect(sql).toContain('"id" is not null')
  expect(sql).toContain('ORDER BY "note" DESC NULLS LAST, "id" LIMIT 100 OFFSET 200')
})

test('rows are identified by their key, and an update expects the values that were read', () => {
  const row = ["o'1", null]
  expect(updateSql(table, ['id', 'note'], ['id'], row, new Map([['note', 'new']]))).toBe(
    `WITH changed AS (UPDATE "public"."orders" SET "note" = 'new' WHERE "id" = 'o''1' AND "note"::text IS NOT DISTINCT FROM NULL RETURNING 1) SELECT count(*) FROM changed`,
  )
  expect(deleteSql(table, ['id', 'note'], ['id'], row)).toContain(`WHERE "id" = 'o''1'`)
})

test('columns without a value get their defaults', () => {
  expect(insertSql(table, new Map())).toContain('DEFAULT VALUES')
  expect(insertSql(table, new Map([['note', null]]))).toContain('("note") VALUES (NULL)')
})
