import { expect, test } from 'vitest'

import { orderIdFromPath, orderPath } from './orderPaths'

test.each(['abc-ad21-adf', 'a/b', '50%', '50%41', 'ünï cödé?#'])('the path of %s contains its id', (id) => {
  expect(orderIdFromPath(new URL(orderPath(id), 'http://x').pathname)).toBe(id)
})

test('an unencoded path is used unchanged', () => {
  expect(orderIdFromPath('/orders/50%')).toBe('50%')
})
