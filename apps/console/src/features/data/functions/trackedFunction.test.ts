import { expect, test } from 'vitest'

import type { FunctionEntry } from '../../../engine/metadata'
import { configurationOf, exposureOf, fieldOf, fieldsOf } from './trackedFunction'

const entry: FunctionEntry = {
  function: { schema: 'shop', name: 'search' },
  configuration: {
    custom_root_fields: { function_aggregate: 'found' },
    session_argument: 'session',
    exposed_as: 'query',
  },
}

test('saving an unchanged form keeps the configuration, also what the form does not show', () => {
  const configuration = { ...entry.configuration, response: 'kept' }
  expect(configurationOf(fieldsOf({ ...entry, configuration }), configuration)).toEqual(configuration)
})

test('fields without a value are left out', () => {
  const fields = { ...fieldsOf(entry), aggregateField: ' ', sessionArgument: '', exposedAs: '' }
  expect(configurationOf(fields, entry.configuration)).toEqual({})
})

test('the root field has the first custom name that is set', () => {
  expect(fieldOf(entry)).toBe('shop_search')
  const named = { custom_name: 'find', custom_root_fields: { function: 'findAll' } }
  expect(fieldOf({ ...entry, configuration: named })).toBe('findAll')
  expect(fieldOf({ ...entry, configuration: { custom_name: 'find' } })).toBe('find')
  expect(exposureOf({ function: entry.function }, undefined)).toBe('query')
})
