import { expect, test } from 'vitest'

import { pathOf, pathVariables, problemOf, queryOf, requestOf, storedQueries } from './endpoints'

test('variables of the path are encoded', () => {
  expect(pathVariables('orders/:id/items/:item')).toEqual(['id', 'item'])
  expect(pathOf('orders/:id/items/:item', { id: 'a/b', item: 'ü' })).toBe(
    '/api/rest/orders/a%2Fb/items/%C3%BC',
  )
})

test('other variables are in the query string of GET, and in the body of other methods', () => {
  const variables = { name: 'a&b', limit: 2 }
  expect(requestOf('GET', '/api/rest/orders', variables)).toEqual({
    path: '/api/rest/orders?name=a%26b&limit=2',
    body: undefined,
  })
  expect(requestOf('GET', '/api/rest/orders', {}).path).toBe('/api/rest/orders')
  expect(requestOf('POST', '/api/rest/orders', variables)).toEqual({
    path: '/api/rest/orders',
    body: '{"name":"a&b","limit":2}',
  })
})

test('paths are relative to the prefix', () => {
  expect(problemOf('orders/:id')).toBeUndefined()
  for (const url of ['', '/orders', 'orders?id=1', 'a b']) expect(problemOf(url)).toBeDefined()
})

test('the query of an endpoint is that of its collection', () => {
  const metadata = {
    version: 3,
    query_collections: [{ name: 'rest', definition: { queries: [{ name: 'q', query: '{ a }' }] } }],
  }
  const endpoint = (query_name: string) => ({
    name: 'e',
    url: 'e',
    methods: ['GET'],
    definition: { query: { collection_name: 'rest', query_name } },
  })
  const queries = storedQueries(metadata)
  expect(queryOf(endpoint('q'), queries)?.query).toBe('{ a }')
  expect(queryOf(endpoint('gone'), queries)).toBeUndefined()
})
