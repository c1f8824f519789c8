import { expect, test } from 'vitest'

import { parseConfig } from './config'

test('graphqlWsUrl defaults to graphqlUrl', () => {
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

test('relative URLs are resolved against the page', () => {
  const config = parseConfig({ graphqlUrl: '/v1/graphql', functionsUrl: '/api' }, 'http://localhost:3000/x')
  expect(config.graphqlWsUrl).toBe('ws://localhost:3000/v1/graphql')
  expect(config.functionsUrl).toBe('http://localhost:3000/api')
})

test('the error names the missing setting', () => {
  expect(() => parseConfig({ graphqlUrl: '/v1/graphql' }, 'http://x/')).toThrow('functionsUrl')
})
