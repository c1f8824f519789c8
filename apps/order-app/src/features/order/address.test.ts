import { expect, test } from 'vitest'

import { orderIdIn, orderPath } from './address'

test.each(['abc-ad21-adf', 'a/b', '50%', '50%41', 'ünï cödé?#'])('the path of %s leads back to it', (id) => {
  expect(orderIdIn(new URL(orderPath(id), 'http://x').pathname)).toBe(id)
})

test('a path that nobody encoded is taken as it is', () => {
  expect(orderIdIn('/orders/50%')).toBe('50%')
})
