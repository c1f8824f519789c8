import { expect, test } from 'vitest'

import type { DatabaseFunction } from '../../../engine/functions'
import { argsOf, candidatesFor, rowArguments } from './computedField'

const orders = { schema: 'public', name: 'orders' }
const age: DatabaseFunction = {
  schema: 'public',
  name: 'age',
  volatility: 'STABLE',
  arguments: [
    { name: 'unit', type: 'text', table: null },
    { name: 'placed', type: 'orders', table: orders },
  ],
  result: 'integer',
  table: null,
  isOverloaded: false,
}

test('functions of a row of the table that only read are candidates', () => {
  const others: DatabaseFunction[] = [
    { ...age, volatility: 'VOLATILE' },
    { ...age, isOverloaded: true },
    { ...age, arguments: [] },
  ]
  expect(candidatesFor(orders, [age, ...others])).toEqual([age])
  expect(candidatesFor({ schema: 'audit', name: 'orders' }, [age])).toEqual([])
})

test('the argument with the row is named if it is not the first one', () => {
  expect(rowArguments(orders, age)).toEqual(['placed'])
  const fields = { name: ' age ', rowArgument: '', sessionArgument: '', comment: '' }
  expect(argsOf(orders, age, fields)).toEqual({
    table: orders,
    name: 'age',
    definition: { function: { schema: 'public', name: 'age' }, table_argument: 'placed' },
  })
  const first = { ...age, arguments: age.arguments.slice(1) }
  expect(argsOf(orders, first, { ...fields, comment: 'minutes' })).toMatchObject({
    definition: { function: { schema: 'public', name: 'age' } },
    comment: 'minutes',
  })
  expect(argsOf(orders, first, fields).definition).not.toHaveProperty('table_argument')
})
