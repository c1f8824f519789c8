/** Error response of the engine. */
export class EngineError extends Error {
  /**
   * @param code code of Hasura, such as `conflict`
   * @param path place in the request, such as `$.args.table`
   * @param detail error of Postgres, for the admin
   */
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly path: string | undefined,
    readonly detail: string | undefined,
  ) {
    super(message)
  }
}

/** No response of the engine: it is stopped, or the network failed. */
export class UnreachableError extends Error {
  constructor() {
    super('The engine does not respond. Check that it runs, then try again.')
  }
}

/** Whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof UnreachableError ||
    (error instanceof EngineError && (error.status === 503 || error.status === 429))
  )
}

/** Whether objects of the metadata depend on what the command would remove, so that it can be repeated with `cascade`. */
export function needsCascade(error: unknown): boolean {
  return (
    error instanceof EngineError &&
    (error.code === 'dependency-error' || error.detail?.includes('2BP01') === true)
  )
}

/** Text for the user. */
export function messageOf(error: unknown): string {
  if (error instanceof EngineError) {
    const place = error.path !== undefined && error.path !== '$' ? ` (at ${error.path})` : ''
    return `${error.message}${place}${error.detail === undefined ? '' : `: ${error.detail}`}`
  }
  return error instanceof Error ? error.message : String(error)
}

/** Reads the error of a response in the formats of the commands and of GraphQL. */
export function errorOf(status: number, body: unknown): EngineError {
  const object = asObject(body)
  const first = Array.isArray(object.errors) ? asObject(object.errors[0]) : object
  const extensions = asObject(first.extensions ?? first)
  const internal = asObject(asObject(extensions.internal).error)
  const postgres = [internal.message, internal.description, internal.hint, internal.status_code]
    .filter((part) => typeof part === 'string' && part !== '')
    .join('; ')
  return new EngineError(
    text(first.error ?? first.message) ?? `The engine responded with status ${status}.`,
    status,
    text(extensions.code) ?? 'unexpected',
    text(extensions.path),
    postgres === '' ? undefined : postgres,
  )
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
