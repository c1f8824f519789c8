import { expect, test } from 'vitest'

import { displayName, literal, name, tableName } from './sql'

test('names and values cannot end their quotes', () => {
  expect(name('a"b')).toBe('"a""b"')
  expect(tableName({ schema: 'x"', name: 'y' })).toBe('"x"""."y"')
  expect(literal("O'Brien")).toBe("'O''Brien'")
  expect(literal("\\'; DROP TABLE t; --")).toBe("E'\\\\''; DROP TABLE t; --'")
  expect(literal(null)).toBe('NULL')
  expect(literal('NULL')).toBe("'NULL'")
})

test('names are shown without the public schema', () => {
  expect(displayName({ schema: 'public', name: 'orders' })).toBe('orders')
  expect(displayName({ schema: 'audit', name: 'orders' })).toBe('audit.orders')
})
