import { expect, test } from 'vitest'

import { commandOf, nameOf, type Suggestion } from './suggestions'

const orders = { schema: 'public', name: 'orders' }
const users = { schema: 'public', name: 'users' }
const object: Suggestion = {
  type: 'object',
  from: { table: orders, columns: ['user_id'], constraint_name: 'fk' },
  to: { table: users, columns: ['id'] },
}
const array: Suggestion = {
  type: 'array',
  from: { table: users, columns: ['id'] },
  to: { table: orders, columns: ['user_id'], constraint_name: 'fk' },
}

test('a relationship is named after its column or table', () => {
  expect(nameOf(object, new Set())).toBe('user')
  expect(nameOf(array, new Set())).toBe('orders')
  expect(nameOf({ ...object, from: { ...object.from, columns: ['owner'] } }, new Set())).toBe('users')
})

test('a name that is taken is extended', () => {
  expect(nameOf(object, new Set(['user']))).toBe('user_by_user_id')
  expect(nameOf(array, new Set(['orders', 'orders_by_user_id']))).toBe('orders_by_user_id_2')
})

test('the command names the foreign key', () => {
  expect(commandOf(object, 'user').args.using).toEqual({ foreign_key_constraint_on: 'user_id' })
  expect(commandOf(array, 'orders').args.using).toEqual({
    foreign_key_constraint_on: { table: orders, column: 'user_id' },
  })
})
