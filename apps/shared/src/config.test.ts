import { expect, test } from 'vitest'

import { parseConfig } from './config'

test('the socket is where GraphQL is, unless the file says otherwise', () => {
  const file = { graphqlUrl: 'https://api.example.com/v1/graphql', functionsUrl: 'https://f.example.com/' }
  expect(parseConfig(file, 'https://app.example.com/')).toEqual({
    graphqlUrl: 'https://api.example.com/v1/graphql',
    graphqlWsUrl: 'wss://api.example.com/v1/graphql',
    functionsUrl: 'https://f.example.com',
  })
  expect(parseConfig({ ...file, graphqlWsUrl: 'wss://ws.example.com/' }, 'https://x/').graphqlWsUrl).toBe(
    'wss://ws.example.com',
  )
})

test('relative addresses are the page’s own', () => {
  const config = parseConfig({ graphqlUrl: '/v1/graphql', functionsUrl: '/api' }, 'http://localhost:3000/x')
  expect(config.graphqlWsUrl).toBe('ws://localhost:3000/v1/graphql')
  expect(config.functionsUrl).toBe('http://localhost:3000/api')
})

test('what is missing is named', () => {
  expect(() => parseConfig({ graphqlUrl: '/v1/graphql' }, 'http://x/')).toThrow('functionsUrl')
})
