import { expect, test } from 'vitest'

import { fieldsOf, isValid, permissionOf } from './permissionForm'

const COLUMNS = ['id', 'title', 'price']

test('saving an unchanged form keeps the whole permission', () => {
  const select = {
    columns: ['id', 'title'],
    computed_fields: ['label'],
    filter: { id: { _gt: 1 } },
    limit: 10,
    allow_aggregations: true,
    query_root_fields: ['select'],
    subscription_root_fields: [],
    other: { kept: true },
  }
  expect(permissionOf('select', fieldsOf('select', select, COLUMNS), select)).toEqual(select)
  const update = {
    columns: '*',
    filter: {},
    check: { price: { _gt: 0 } },
    set: { title: 'a' },
    backend_only: true,
  }
  expect(permissionOf('update', fieldsOf('update', update, COLUMNS), update)).toEqual(update)
})

test('the root field of aggregates needs the permission for aggregates', () => {
  const stored = {
    columns: ['id'],
    filter: {},
    allow_aggregations: true,
    query_root_fields: ['select_aggregate'],
  }
  const fields = { ...fieldsOf('select', stored, COLUMNS), aggregations: false }
  expect(permissionOf('select', fields, stored).query_root_fields).toEqual([])
})

test('a new permission has no optional keys', () => {
  expect(permissionOf('select', fieldsOf('select', undefined, COLUMNS))).toEqual({
    columns: [],
    computed_fields: [],
    filter: {},
    allow_aggregations: false,
  })
  expect(permissionOf('delete', fieldsOf('delete', undefined, COLUMNS))).toEqual({
    filter: {},
    backend_only: false,
  })
})

test('what is not JSON, or not a number, cannot be sent', () => {
  const fields = fieldsOf('select', undefined, COLUMNS)
  expect(isValid(fields)).toBe(true)
  expect(isValid({ ...fields, filter: '{' })).toBe(false)
  expect(isValid({ ...fields, limit: 'ten' })).toBe(false)
})
