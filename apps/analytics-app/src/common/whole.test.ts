import { expect, test } from 'vitest'

import { whole } from './whole'

test('a row without a needed column is left out, one without another column is kept', () => {
  const rows = [
    { id: 1, name: 'Ada', nick: null },
    { id: null, name: 'Bea', nick: 'b' },
  ]
  expect(whole(rows, 'id', 'name')).toEqual([{ id: 1, name: 'Ada', nick: null }])
  expect(whole<(typeof rows)[number], 'id'>(undefined, 'id')).toEqual([])
})
