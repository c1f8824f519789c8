import { parseJson } from '../common/json'
import { UnreachableError, errorOf } from './errors'

/** Session of a request: a role with its variables, or the admin. */
export interface AsRole {
  role: string
  /** Names in lower case, such as `x-hasura-user-id`. */
  variables: Record<string, string>
}

/** Result of `run_sql`: the first row contains the names of the columns. */
interface SqlResult {
  result_type: string
  result: string[][] | null
}

export interface SqlOptions {
  readOnly?: boolean
  cascade?: boolean
  /** Whether the engine compares the metadata with the tables afterwards; by default, if the text contains DDL. */
  checkMetadata?: boolean
  signal?: AbortSignal
}

/** Response of an endpoint, whatever its status is. */
export interface CallResult {
  status: number
  /** JSON, or the text of another response. */
  body: unknown
  ms: number
}

/** Maximum time of a request in milliseconds; SQL of the user may take longer. */
const TIMEOUT_MS = 60_000

/** Requests to the engine that serves the console. */
export class Engine {
  constructor(
    readonly secret: string | undefined,
    private readonly onRefused: () => void = () => undefined,
  ) {}

  /** Headers of a request as the admin, or as a role. */
  headers(as?: AsRole): Record<string, string> {
    return {
      ...(this.secret !== undefined && { 'x-hasura-admin-secret': this.secret }),
      ...(as && { ...as.variables, 'x-hasura-role': as.role }),
    }
  }

  /** Runs a metadata command. */
  metadata<T = unknown>(type: string, args: unknown = {}, more: Record<string, unknown> = {}): Promise<T> {
    return this.post<T>('/v1/metadata', { type, args, ...more })
  }

  /** Runs a data command, as the admin or as a role. */
  data<T>(type: string, args: unknown, as?: AsRole): Promise<T> {
    return this.post<T>('/v1/query', { type, args }, { as })
  }

  /** Runs SQL and returns its result as text. */
  async sql(
    sql: string,
    options: SqlOptions = {},
  ): Promise<{ columns: string[]; rows: string[][] } | undefined> {
    const { readOnly = false, cascade = false, checkMetadata, signal } = options
    const args = {
      sql,
      read_only: readOnly,
      cascade,
      ...(checkMetadata !== undefined && { check_metadata_consistency: checkMetadata }),
    }
    const { result } = await this.post<SqlResult>(
      '/v2/query',
      { type: 'run_sql', args },
      { signal: signal ?? null },
    )
    if (!result) return undefined
    const [columns = [], ...rows] = result
    return { columns, rows }
  }

  /** Runs a query that returns one JSON value. */
  async json<T>(sql: string): Promise<T> {
    const result = await this.sql(sql, { readOnly: true })
    return JSON.parse(result?.rows[0]?.[0] ?? 'null') as T
  }

  /** Reads an endpoint of the engine. */
  get<T>(path: string): Promise<T> {
    return this.request<T>(path, { headers: this.headers(), signal: AbortSignal.timeout(TIMEOUT_MS) })
  }

  post<T>(
    path: string,
    body: unknown,
    { as, signal }: { as?: AsRole | undefined; signal?: AbortSignal | null } = {},
  ): Promise<T> {
    return this.request<T>(path, {
      method: 'POST',
      headers: { ...this.headers(as), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: signal === undefined ? AbortSignal.timeout(TIMEOUT_MS) : signal,
    })
  }

  /** Calls an endpoint and returns its response, also if it is an error. */
  async call(
    method: string,
    path: string,
    { as, body }: { as?: AsRole | undefined; body?: string | undefined },
  ): Promise<CallResult> {
    const started = performance.now()
    const response = await this.fetch(path, {
      method,
      headers: { ...this.headers(as), ...(body !== undefined && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    const { value, error } = parseJson(text)
    return {
      status: response.status,
      body: error === undefined ? value : text,
      ms: performance.now() - started,
    }
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(path, { ...init, credentials: 'omit' })
    } catch (error) {
      if (init.signal?.aborted && (error as Error).name === 'AbortError') throw error
      throw new UnreachableError()
    }
  }

  private async request<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.fetch(path, init)
    const body: unknown = await response.json().catch(() => undefined)
    if (response.ok) return body as T
    const error = errorOf(response.status, body)
    if (this.secret !== undefined && error.code === 'access-denied' && /admin[- ]secret/i.test(error.message))
      this.onRefused()
    throw error
  }
}
