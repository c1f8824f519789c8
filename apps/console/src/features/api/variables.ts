/** Reads headers, one per line or separated by semicolons: `name: value`. Names are in lower case. */
export function parseHeaders(text: string): {
  headers: Record<string, string>
  error: string | undefined
} {
  const headers: Record<string, string> = {}
  let error: string | undefined
  for (const line of text.split(/[\n;]/)) {
    if (line.trim() === '') continue
    const at = line.indexOf(':')
    const name = line.slice(0, at).trim().toLowerCase()
    if (at < 1 || !/^[a-z0-9_-]+$/.test(name)) {
      error ??= `“${line.trim()}” is not of the form name: value.`
      continue
    }
    headers[name] = line.slice(at + 1).trim()
  }
  return { headers, error }
}

/** Reads session variables: `x-hasura-user-id: alice`. The prefix may be left out. */
export function parseVariables(text: string): {
  variables: Record<string, string>
  error: string | undefined
} {
  const { headers, error } = parseHeaders(text)
  const named = Object.entries(headers).map(([name, value]) => [
    name.startsWith('x-hasura-') ? name : `x-hasura-${name}`,
    value,
  ])
  return { variables: Object.fromEntries(named) as Record<string, string>, error }
}
