import type { Metadata, RestEndpoint } from '../../../engine/metadata'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Prefix of the paths of all endpoints. */
export const PREFIX = '/api/rest/'

/** Query of a collection. */
export interface StoredQuery {
  collection: string
  name: string
  query: string
}

/** Returns the queries of all collections. */
export function storedQueries({ query_collections }: Metadata): StoredQuery[] {
  return (query_collections ?? []).flatMap(({ name: collection, definition }) =>
    definition.queries.map(({ name, query }) => ({ collection, name, query })),
  )
}

/** Key of a query in a selection; names can contain every character. */
export function keyOf({ collection, name }: Pick<StoredQuery, 'collection' | 'name'>): string {
  return JSON.stringify([collection, name])
}

/** Returns the query of an endpoint; undefined if its collection no longer contains it. */
export function queryOf(endpoint: RestEndpoint, queries: StoredQuery[]): StoredQuery | undefined {
  const { collection_name, query_name } = endpoint.definition.query
  return queries.find(({ collection, name }) => collection === collection_name && name === query_name)
}

/** Names of the variables in the path of an endpoint. */
export function pathVariables(url: string): string[] {
  return url
    .split('/')
    .filter((segment) => segment.startsWith(':'))
    .map((segment) => segment.slice(1))
}

/** Path of a call, with the values of the variables. */
export function pathOf(url: string, values: Record<string, string>): string {
  const segments = url
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? encodeURIComponent(values[segment.slice(1)] ?? '') : segment,
    )
  return PREFIX + segments.join('/')
}

/** Problem of a URL; undefined if it can be sent. */
export function problemOf(url: string): string | undefined {
  if (url.trim() === '') return 'Enter a path.'
  if (url.startsWith('/') || url.includes('?') || /\s/.test(url))
    return 'Enter a path without a slash at its beginning, spaces or a query string.'
  return undefined
}

/** Request of a call: the variables are in the query string, or in the body of a method that has one. */
export function requestOf(
  method: string,
  path: string,
  variables: Record<string, unknown>,
): { path: string; body: string | undefined } {
  if (method !== 'GET') return { path, body: JSON.stringify(variables) }
  const query = new URLSearchParams(
    Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString()
  return { path: query === '' ? path : `${path}?${query}`, body: undefined }
}
