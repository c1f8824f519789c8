/** Where the backend is. Read from `/config.json` at run time, so that one build serves every place. */
export interface Config {
  /** GraphQL over HTTP. */
  graphqlUrl: string
  /** GraphQL over WebSocket (graphql-transport-ws). */
  graphqlWsUrl: string
  /** In front of the functions; `/payment` is under it. No slash at its end. */
  functionsUrl: string
}

/** What the file may say: `graphqlWsUrl` follows from `graphqlUrl` where it is left out. Relative URLs are the page's. */
interface ConfigFile {
  graphqlUrl?: unknown
  graphqlWsUrl?: unknown
  functionsUrl?: unknown
}

/**
 * Reads `/config.json`.
 *
 * @throws Error with a sentence that says what is wrong with it
 */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-cache' })
  if (!response.ok) throw new Error(`/config.json: ${await response.text()} (HTTP ${response.status})`)
  return parseConfig((await response.json()) as ConfigFile, window.location.href)
}

/** Checks the file's content; `base` is the page's address. */
export function parseConfig(file: ConfigFile, base: string): Config {
  const address = (name: keyof ConfigFile, fallback?: string) => {
    const value = file[name] ?? fallback
    if (typeof value !== 'string' || value === '') throw new Error(`/config.json must say ${name}`)
    return new URL(value, base).href.replace(/\/$/, '')
  }
  const graphqlUrl = address('graphqlUrl')
  return {
    graphqlUrl,
    graphqlWsUrl: address('graphqlWsUrl', graphqlUrl).replace(/^http/, 'ws'),
    functionsUrl: address('functionsUrl'),
  }
}
