import { expect, test } from 'vitest'

import { nonNullRows } from './nonNull'

test('rows with null in a required column are removed', () => {
  const rows = [
    { id: 1, name: 'Ada', nick: null },
    { id: null, name: 'Bea', nick: 'b' },
  ]
  expect(nonNullRows(rows, 'id', 'name')).toEqual([{ id: 1, name: 'Ada', nick: null }])
  expect(nonNullRows<(typeof rows)[number], 'id'>(undefined, 'id')).toEqual([])
})
