import { expect, test } from 'vitest'

import type { Definition } from '../../../engine/catalog'
import { enumColumns, enumValues } from './enumTable'

const column = (name: string, type = 'text') => ({
  name,
  type,
  nullable: false,
  default: null,
  generated: false,
  comment: null,
  words: null,
})

const definition = (columns: Definition['columns'], key: string[]): Definition => ({
  comment: null,
  columns,
  constraints: [
    { name: 'key', kind: 'primary key', definition: '', columns: key, target: null, targetColumns: [] },
  ],
  indexes: [],
  triggers: [],
})

test('a table with a text as its key and at most one other text can be an enum', () => {
  expect(enumColumns(definition([column('value')], ['value']))).toEqual({
    value: 'value',
    description: undefined,
  })
  const described = enumColumns(definition([column('about'), column('value')], ['value']))
  expect(described).toEqual({ value: 'value', description: 'about' })
  expect(enumColumns(definition([column('value', 'integer')], ['value']))).toBeUndefined()
  expect(enumColumns(definition([column('a'), column('b')], ['a', 'b']))).toBeUndefined()
  expect(enumColumns(definition([column('a'), column('b'), column('c')], ['a']))).toBeUndefined()
})

test('the values are read with their descriptions', () => {
  const sql = enumValues({ schema: 'public', name: 'color' }, { value: 'value', description: 'about' }, 10)
  expect(sql).toContain('ARRAY["value", "about"]')
  expect(sql).toContain('FROM "public"."color" ORDER BY "value" LIMIT 10')
})
