/** Reads session variables, one per line: `x-hasura-user-id: alice`. The prefix may be left out. */
export function parseVariables(text: string): {
  variables: Record<string, string>
  error: string | undefined
} {
  const variables: Record<string, string> = {}
  let error: string | undefined
  for (const line of text.split(/[\n;]/)) {
    if (line.trim() === '') continue
    const at = line.indexOf(':')
    const name = line.slice(0, at).trim().toLowerCase()
    if (at < 1 || !/^[a-z0-9_-]+$/.test(name)) {
      error ??= `“${line.trim()}” is not of the form name: value.`
      continue
    }
    variables[name.startsWith('x-hasura-') ? name : `x-hasura-${name}`] = line.slice(at + 1).trim()
  }
  return { variables, error }
}
