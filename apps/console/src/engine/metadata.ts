import type { TableName } from './sql'

/** Part of Hasura's metadata that the console reads; other keys are kept by the engine. */
export interface Metadata {
  version: number
  sources?: Source[]
  cron_triggers?: CronTrigger[]
  query_collections?: { name: string; definition: { queries: { name: string; query: string }[] } }[]
  allowlist?: { collection: string; scope?: { global: boolean; roles?: string[] } }[]
  rest_endpoints?: { name: string; url: string; methods: string[] }[]
  api_limits?: unknown
  inherited_roles?: { role_name: string; role_set: string[] }[]
}

export interface Source {
  name: string
  tables: TableEntry[]
  functions?: { function: TableName }[]
}

export interface TableEntry {
  table: TableName
  is_enum?: boolean
  configuration?: Configuration
  object_relationships?: Relationship[]
  array_relationships?: Relationship[]
  computed_fields?: { name: string }[]
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
  cleanup_config?: Record<string, unknown>
  /** Kept as they are; see SUPPORT.md of the engine. */
  request_transform?: unknown
  response_transform?: unknown
}

export interface CronTrigger {
  name: string
  webhook: string
  schedule: string
  payload?: unknown
  comment?: string
  include_in_metadata?: boolean
}

export const OPERATIONS = ['select', 'insert', 'update', 'delete'] as const
export type Operation = (typeof OPERATIONS)[number]

/** Permissions of an operation in the entry of a table. */
export function permissionsOf(entry: TableEntry, operation: Operation): Permission[] {
  return entry[`${operation}_permissions`] ?? []
}

/** All roles that the metadata names, sorted. */
export function rolesOf(metadata: Metadata): string[] {
  const roles = new Set<string>(metadata.inherited_roles?.map(({ role_name }) => role_name))
  for (const entry of metadata.sources?.flatMap(({ tables }) => tables) ?? [])
    for (const operation of OPERATIONS)
      for (const { role } of permissionsOf(entry, operation)) roles.add(role)
  return [...roles].sort()
}
