import type { Provider } from './session/oidc'

/** Addresses of the backend. Loaded from `/config.json` at run time, so that one build serves every deployment. */
export interface Config {
  /** GraphQL over HTTP. */
  graphqlUrl: string
  /** GraphQL over WebSocket (graphql-transport-ws). */
  graphqlWsUrl: string
  /** Base URL of the functions, without a trailing slash; `/payment` is below it. */
  functionsUrl: string
  /** Address of the login by name; undefined if the backend uses another identity provider. */
  loginUrl: string | undefined
  /** OpenID Connect provider of the backend, instead of the login by name. */
  oidc: Provider | undefined
  /**
   * `open`: the backend has no roles, as the Node.js example, and each request has all rights (`cargo xtask dev --open`).
   * `secured`: each request carries the token of its user.
   */
  access: 'open' | 'secured'
  /** Address of the page of a trace, with `{trace_id}` or `{xray_trace_id}`; undefined if traces are not collected. */
  traceUrl: string | undefined
}

/** Content of the file; see {@link Config}. `graphqlWsUrl` defaults to `graphqlUrl`, `loginUrl` to `/login` below
 * `functionsUrl`, `access` to `secured`, `traceUrl` to none; relative URLs are resolved against the page. */
interface ConfigFile {
  graphqlUrl?: unknown
  graphqlWsUrl?: unknown
  functionsUrl?: unknown
  loginUrl?: unknown
  oidc?: unknown
  access?: unknown
  traceUrl?: unknown
}

/**
 * Loads `/config.json`. The page preloads it; its `Cache-Control` makes the browser revalidate it.
 *
 * @throws Error that names the missing or invalid setting
 */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json')
  if (!response.ok) throw new Error(`/config.json: ${await response.text()} (HTTP ${response.status})`)
  return parseConfig((await response.json()) as ConfigFile, window.location.href)
}

/** Validates the content of the file; `base` is the address of the page. */
export function parseConfig(file: ConfigFile, base: string): Config {
  const address = (name: 'graphqlUrl' | 'graphqlWsUrl' | 'functionsUrl' | 'loginUrl', fallback?: string) => {
    const value = file[name] ?? fallback
    if (typeof value !== 'string' || value === '')
      throw new Error(`/config.json: "${name}" is missing or is not a string`)
    return new URL(value, base).href.replace(/\/$/, '')
  }
  const graphqlUrl = address('graphqlUrl')
  const functionsUrl = address('functionsUrl')
  const oidc = parseProvider(file.oidc)
  return {
    graphqlUrl,
    graphqlWsUrl: address('graphqlWsUrl', graphqlUrl).replace(/^http/, 'ws'),
    functionsUrl,
    loginUrl: oidc || file.loginUrl === null ? undefined : address('loginUrl', `${functionsUrl}/login`),
    oidc,
    access: file.access === 'open' ? 'open' : 'secured',
    traceUrl: parseTraceUrl(file.traceUrl),
  }
}

function parseTraceUrl(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !/\{(xray_)?trace_id\}/.test(value))
    throw new Error('/config.json: "traceUrl" is not an http or https URL with {trace_id} or {xray_trace_id}')
  return value
}

/** Address of the page of one trace. X-Ray separates the time in the first eight digits. */
export function traceAddress(template: string, traceId: string): string {
  return template
    .replaceAll('{trace_id}', traceId)
    .replaceAll('{xray_trace_id}', `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`)
}

function parseProvider(value: unknown): Provider | undefined {
  if (value === undefined || value === null) return undefined
  const { issuer, clientId } = value as Record<string, unknown>
  if (typeof issuer !== 'string' || typeof clientId !== 'string' || !URL.canParse(issuer) || clientId === '')
    throw new Error('/config.json: "oidc" needs "issuer", a URL, and "clientId"')
  return { issuer, clientId }
}
