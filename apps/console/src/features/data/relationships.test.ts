import { expect, test } from 'vitest'

import type { Definition } from '../../engine/catalog'
import { targetOf } from './relationships'

const restaurants = { schema: 'public', name: 'restaurants' }
const definition: Definition = {
  comment: null,
  columns: [],
  constraints: [
    {
      name: 'orders_restaurant_id_fkey',
      kind: 'foreign key',
      definition: '',
      columns: ['restaurant_id'],
      target: restaurants,
      targetColumns: ['id'],
    },
  ],
  indexes: [],
  triggers: [],
}

test('the target of a relationship is found by its foreign key or its definition', () => {
  const target = (using: Parameters<typeof targetOf>[0]['using']) =>
    targetOf({ name: 'r', using }, definition)
  expect(target({ foreign_key_constraint_on: 'restaurant_id' })).toEqual(restaurants)
  expect(target({ foreign_key_constraint_on: ['restaurant_id'] })).toEqual(restaurants)
  expect(target({ foreign_key_constraint_on: 'gone' })).toBeUndefined()
  const items = { schema: 'public', name: 'items' }
  expect(target({ foreign_key_constraint_on: { table: items, column: 'order_id' } })).toEqual(items)
  expect(target({ manual_configuration: { remote_table: items, column_mapping: {} } })).toEqual(items)
})
