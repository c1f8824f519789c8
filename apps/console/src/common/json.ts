/** Value of a JSON text, or why it is not one. An empty text is the empty object. */
export function parseJson(text: string): { value?: unknown; error?: string } {
  if (text.trim() === '') return { value: {} }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { error: `Not JSON: ${(error as Error).message}` }
  }
}

/** Text of a value for reading and editing. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value ?? {}, null, 2)
}
