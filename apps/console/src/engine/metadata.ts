import { isSameTable, type TableName } from './sql'

/** Part of Hasura's metadata that the console reads; other keys are kept by the engine. */
export interface Metadata {
  version: number
  sources?: Source[]
  cron_triggers?: CronTrigger[]
  query_collections?: QueryCollection[]
  allowlist?: AllowListEntry[]
  rest_endpoints?: RestEndpoint[]
  api_limits?: unknown
  inherited_roles?: InheritedRole[]
}

export interface Customization {
  naming_convention?: string
  root_fields?: { namespace?: string; prefix?: string; suffix?: string }
  type_names?: { prefix?: string; suffix?: string }
}

export interface Source {
  name: string
  customization?: Customization
  tables: TableEntry[]
  functions?: FunctionEntry[]
}

export interface FunctionEntry {
  function: TableName
  configuration?: FunctionConfiguration
  permissions?: { role: string }[]
  comment?: string
}

export interface FunctionConfiguration {
  custom_name?: string
  custom_root_fields?: { function?: string; function_aggregate?: string }
  /** Argument that receives the session variables. */
  session_argument?: string
  /** A function that is VOLATILE is a mutation unless this names the other root type. */
  exposed_as?: 'query' | 'mutation'
}

export interface QueryCollection {
  name: string
  definition: { queries: { name: string; query: string }[] }
}

export interface AllowListEntry {
  collection: string
  /** Absent for all roles. */
  scope?: { global: boolean; roles?: string[] }
}

export interface RestEndpoint {
  name: string
  /** Path below `/api/rest/`; a segment that begins with a colon is a variable. */
  url: string
  methods: string[]
  definition: { query: { collection_name: string; query_name: string } }
  comment?: string
}

export interface InheritedRole {
  role_name: string
  role_set: string[]
}

export interface ComputedField {
  name: string
  definition: {
    function: TableName
    /** Argument that receives the row; by default the first one. */
    table_argument?: string | null
    session_argument?: string | null
  }
  comment?: string
}

export interface TableEntry {
  table: TableName
  is_enum?: boolean
  configuration?: Configuration
  object_relationships?: Relationship[]
  array_relationships?: Relationship[]
  computed_fields?: ComputedField[]
  insert_permissions?: Permission[]
  select_permissions?: Permission[]
  update_permissions?: Permission[]
  delete_permissions?: Permission[]
  event_triggers?: EventTrigger[]
}

export interface Configuration {
  custom_name?: string
  custom_root_fields?: Record<string, string | { name?: string | null; comment?: string | null } | null>
  custom_column_names?: Record<string, string>
  column_config?: Record<string, { custom_name?: string; comment?: string }>
  comment?: string
}

export interface Relationship {
  name: string
  comment?: string
  using: {
    foreign_key_constraint_on?: string | string[] | { table: TableName; column?: string; columns?: string[] }
    manual_configuration?: { remote_table: TableName; column_mapping: Record<string, string> }
  }
}

export interface Permission {
  role: string
  permission: Record<string, unknown>
  comment?: string
}

export interface Header {
  name: string
  value?: string
  value_from_env?: string
}

export interface RetryConf {
  num_retries?: number
  interval_sec?: number
  timeout_sec?: number | null
  initial_interval_sec?: number
  max_interval_sec?: number
  jitter_percent?: number
}

export interface EventTrigger {
  name: string
  definition: {
    enable_manual?: boolean
    insert?: { columns: string[] | '*' }
    update?: { columns: string[] | '*'; payload?: string[] | '*' }
    delete?: { columns: string[] | '*' }
  }
  retry_conf?: RetryConf
  webhook?: string
  webhook_from_env?: string
  headers?: Header[]
  /** Whether events are captured and not delivered; not in Hasura. */
  paused?: boolean
  cleanup_config?: Record<string, unknown>
  /** Kept as they are; see SUPPORT.md of the engine. */
  request_transform?: unknown
  response_transform?: unknown
}

/** Address of a webhook that is called by the clock, or the environment variable that contains it. */
export type WebhookConf = string | { from_env: string }

export interface ScheduledRetryConf {
  num_retries?: number
  retry_interval_seconds?: number
  timeout_seconds?: number
  tolerance_seconds?: number
}

export interface CronTrigger {
  name: string
  webhook: WebhookConf
  schedule: string
  payload?: unknown
  retry_conf?: ScheduledRetryConf
  headers?: Header[]
  comment?: string | null
  include_in_metadata?: boolean
  /** Time zone of the schedule; UTC without one. Not in Hasura. */
  timezone?: string
}

export const OPERATIONS = ['select', 'insert', 'update', 'delete'] as const
export type Operation = (typeof OPERATIONS)[number]

/** Permissions of an operation in the entry of a table. */
export function permissionsOf(entry: TableEntry, operation: Operation): Permission[] {
  return entry[`${operation}_permissions`] ?? []
}

/** Whether a role has a permission of another role, from which it inherits. */
export function inheritsPermission(
  { inherited_roles = [] }: Metadata,
  entry: TableEntry,
  operation: Operation,
  role: string,
): boolean {
  const granted = new Set(permissionsOf(entry, operation).map(({ role }) => role))
  const seen = new Set<string>()
  const inherits = (role: string): boolean => {
    if (seen.has(role)) return false
    seen.add(role)
    const parents = inherited_roles.find(({ role_name }) => role_name === role)?.role_set ?? []
    return parents.some((parent) => granted.has(parent) || inherits(parent))
  }
  return inherits(role)
}

/** All roles that the metadata names, sorted. */
export function rolesOf(metadata: Metadata): string[] {
  const roles = new Set<string>(metadata.inherited_roles?.map(({ role_name }) => role_name))
  for (const entry of entriesOf(metadata))
    for (const operation of OPERATIONS)
      for (const { role } of permissionsOf(entry, operation)) roles.add(role)
  return [...roles].sort()
}

/** Source that the engine serves: `default`, or the only one. */
export function servedSource({ sources = [] }: Metadata): Source | undefined {
  return sources.find(({ name }) => name === 'default') ?? (sources.length === 1 ? sources[0] : undefined)
}

/** Entries of all tracked tables and views. */
export function entriesOf(metadata: Metadata): TableEntry[] {
  return servedSource(metadata)?.tables ?? []
}

/** Entry of a table; undefined if it is not tracked. */
export function entryOf(metadata: Metadata, table: TableName): TableEntry | undefined {
  return entriesOf(metadata).find((entry) => isSameTable(entry.table, table))
}
