import { expect, test } from 'vitest'

import { customizationOf, fieldsOf } from './customization'

test('saving an unchanged form keeps the whole customization', () => {
  const customization = {
    naming_convention: 'graphql-default',
    root_fields: { namespace: 'shop', suffix: '_1' },
    type_names: { prefix: 'Shop' },
    other: true,
  }
  expect(customizationOf(fieldsOf(customization), customization)).toEqual(customization)
  expect(customizationOf(fieldsOf(undefined))).toEqual({})
})

test('empty texts remove a part', () => {
  const previous = { root_fields: { prefix: 'a' }, naming_convention: 'graphql-default' }
  expect(customizationOf({ ...fieldsOf(previous), rootPrefix: ' ', convention: '' }, previous)).toEqual({})
})
