import { expect, test } from 'vitest'

import { entryOf, inheritsPermission, servedSource, type Metadata, type TableEntry } from './metadata'

const book: TableEntry = {
  table: { schema: 'public', name: 'book' },
  select_permissions: [{ role: 'reader', permission: {} }],
}

test('the served source is the one named default, or the only one', () => {
  const of = (...names: string[]) =>
    servedSource({ version: 3, sources: names.map((name) => ({ name, tables: [book] })) })?.name
  expect(of('main')).toBe('main')
  expect(of('other', 'default')).toBe('default')
  expect(of('one', 'two')).toBeUndefined()
  expect(of()).toBeUndefined()
  expect(servedSource({ version: 3 })).toBeUndefined()
  const metadata: Metadata = { version: 3, sources: [{ name: 'main', tables: [book] }] }
  expect(entryOf(metadata, { schema: 'public', name: 'book' })).toBe(book)
  expect(entryOf(metadata, { schema: 'other', name: 'book' })).toBeUndefined()
})

test('a role inherits what one of its roles may, also through another inherited role', () => {
  const metadata: Metadata = {
    version: 3,
    inherited_roles: [
      { role_name: 'keeper', role_set: ['reader', 'writer'] },
      { role_name: 'chief', role_set: ['keeper'] },
      { role_name: 'circle', role_set: ['circle'] },
    ],
  }
  const inherits = (role: string) => inheritsPermission(metadata, book, 'select', role)
  expect(['keeper', 'chief', 'reader', 'circle'].map(inherits)).toEqual([true, true, false, false])
  expect(inheritsPermission(metadata, book, 'insert', 'chief')).toBe(false)
})
