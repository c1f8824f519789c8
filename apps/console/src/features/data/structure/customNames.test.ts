import { expect, test } from 'vitest'

import type { Configuration } from '../../../engine/metadata'
import { defaultRoot, namesOf, withNames } from './customNames'

const configuration: Configuration = {
  custom_name: 'Order',
  custom_column_names: { user_id: 'userId', total: 'sum' },
  column_config: {
    user_id: { custom_name: 'userId', comment: 'customer' },
    total: { custom_name: 'amount' },
  },
  custom_root_fields: { select: 'allOrders', insert: { name: 'place', comment: 'Places orders' } },
  comment: 'kept',
}

test('unchanged names keep the configuration', () => {
  expect(withNames(namesOf(configuration), configuration)).toEqual({
    ...configuration,
    // The same name as in column_config, which has precedence.
    custom_column_names: { user_id: 'userId', total: 'amount' },
  })
})

test('names are removed, and comments stay', () => {
  const fields = {
    table: ' ',
    columns: { user_id: '' },
    roots: { select: '', insert: ' ', delete: 'remove' },
  }
  expect(withNames(fields, configuration)).toEqual({
    comment: 'kept',
    custom_column_names: {},
    column_config: { user_id: { comment: 'customer' }, total: {} },
    custom_root_fields: { insert: { comment: 'Places orders' }, delete: 'remove' },
  })
})

test('default names of root fields are those of Hasura', () => {
  expect(defaultRoot('select', 'orders')).toBe('orders')
  expect(defaultRoot('select_by_pk', 'orders')).toBe('orders_by_pk')
  expect(defaultRoot('insert_one', 'orders')).toBe('insert_orders_one')
  expect(defaultRoot('update_many', 'orders')).toBe('update_orders_many')
})
