import { expect, test } from 'vitest'

import { plural } from './plural'

test('a count selects the form of its language', () => {
  const items = plural({ one: '# item', other: '# items' }, 'en', String)
  expect([0, 1, 2, 1000].map((count) => items(count))).toEqual(['0 items', '1 item', '2 items', '1000 items'])
  expect(items(26, '25+')).toBe('25+ items')
  const danie = plural({ one: '# danie', few: '# dania', many: '# dań', other: '# dania' }, 'pl', String)
  expect([1, 3, 5].map((count) => danie(count))).toEqual(['1 danie', '3 dania', '5 dań'])
})

test('a language without the form uses the general one', () => {
  expect(plural({ other: '# items' }, 'en', String)(1)).toBe('1 items')
})
