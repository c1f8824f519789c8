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
  /**
   * `open`: the backend has no roles, as the Node.js example, and each request has all rights (`cargo xtask dev --open`).
   * `secured`: each request carries the token of its user.
   */
  access: 'open' | 'secured'
}

/** Content of the file. `graphqlWsUrl` defaults to `graphqlUrl`, `loginUrl` to `/login` below
 * `functionsUrl`, `access` to `secured`; relative URLs are resolved against the page. */
interface ConfigFile {
  graphqlUrl?: unknown
  graphqlWsUrl?: unknown
  functionsUrl?: unknown
  loginUrl?: unknown
  access?: unknown
}

/**
 * Loads `/config.json`.
 *
 * @throws Error that names the missing or invalid setting
 */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-cache' })
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
  return {
    graphqlUrl,
    graphqlWsUrl: address('graphqlWsUrl', graphqlUrl).replace(/^http/, 'ws'),
    functionsUrl,
    loginUrl: file.loginUrl === null ? undefined : address('loginUrl', `${functionsUrl}/login`),
    access: file.access === 'open' ? 'open' : 'secured',
  }
}
