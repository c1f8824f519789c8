import { expect, test } from 'vitest'

import { parseConfig, traceAddress } from './config'

test('graphqlWsUrl defaults to graphqlUrl', () => {
  const file = { graphqlUrl: 'https://api.example.com/v1/graphql', functionsUrl: 'https://f.example.com/' }
  expect(parseConfig(file, 'https://app.example.com/')).toEqual({
    graphqlUrl: 'https://api.example.com/v1/graphql',
    graphqlWsUrl: 'wss://api.example.com/v1/graphql',
    functionsUrl: 'https://f.example.com',
    loginUrl: 'https://f.example.com/login',
    oidc: undefined,
    access: 'secured',
    traceUrl: undefined,
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

test('login by name is below the functions, elsewhere, or not available', () => {
  const file = { graphqlUrl: '/v1/graphql', functionsUrl: '/api' }
  const loginUrl = (value?: unknown) => parseConfig({ ...file, loginUrl: value }, 'http://x/').loginUrl
  expect(loginUrl()).toBe('http://x/api/login')
  expect(loginUrl('https://login.example.com/login')).toBe('https://login.example.com/login')
  expect(loginUrl(null)).toBeUndefined()
})

test('a provider replaces the login by name', () => {
  const file = { graphqlUrl: '/v1/graphql', functionsUrl: '/api' }
  const oidc = { issuer: 'https://id.example.com/pool', clientId: 'apps' }
  expect(parseConfig({ ...file, oidc }, 'http://x/')).toMatchObject({ loginUrl: undefined, oidc })
  expect(parseConfig({ ...file, oidc: null }, 'http://x/')).toMatchObject({ oidc: undefined })
  for (const wrong of ['https://id.example.com', {}, { ...oidc, issuer: 'id' }, { ...oidc, clientId: '' }])
    expect(() => parseConfig({ ...file, oidc: wrong }, 'http://x/')).toThrow('"oidc" needs')
})

test('requests carry a token unless the file says otherwise', () => {
  const file = { graphqlUrl: '/v1/graphql', functionsUrl: '/api' }
  expect(parseConfig({ ...file, access: 'open' }, 'http://x/').access).toBe('open')
  expect(parseConfig({ ...file, access: 'anything' }, 'http://x/').access).toBe('secured')
})

test('the error names the missing setting', () => {
  expect(() => parseConfig({ graphqlUrl: '/v1/graphql' }, 'http://x/')).toThrow('functionsUrl')
})

test('traces are linked only if the file says where they are', () => {
  const file = { graphqlUrl: '/v1/graphql', functionsUrl: '/api' }
  const traceUrl = (value: unknown) => parseConfig({ ...file, traceUrl: value }, 'http://x/').traceUrl
  expect(traceUrl(null)).toBeUndefined()
  expect(traceUrl('')).toBeUndefined()
  const template = traceUrl('https://t.example.com/{trace_id}') ?? ''
  expect(traceAddress(template, '4bf92f35')).toBe('https://t.example.com/4bf92f35')
  expect(traceAddress('https://x/#{xray_trace_id}', '5759e988bd862e3fe1be46a994272793')).toBe(
    'https://x/#1-5759e988-bd862e3fe1be46a994272793',
  )
  for (const wrong of [7, 'javascript:alert(1)//{trace_id}', 'https://t.example.com/'])
    expect(() => traceUrl(wrong)).toThrow('traceUrl')
})
