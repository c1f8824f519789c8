import { parseJson, prettyJson } from '../../../common/json'
import { omit } from '../../../common/omit'
import type { Operation } from '../../../engine/metadata'
import { filterKey, filterOf } from './permission'

/** Root fields that a select permission can leave out, by their key. */
export const ROOT_FIELDS = {
  query_root_fields: ['select', 'select_by_pk', 'select_aggregate'],
  subscription_root_fields: ['select', 'select_by_pk', 'select_aggregate', 'select_stream'],
} as const
export type RootFieldsKey = keyof typeof ROOT_FIELDS

/** Root fields that can be chosen: that of aggregates only if these are permitted. */
export function rootFieldsOf(key: RootFieldsKey, aggregations: boolean): string[] {
  return ROOT_FIELDS[key].filter((field) => aggregations || field !== 'select_aggregate')
}

/** Content of the form of a permission. */
export interface PermissionFields {
  /** JSON */
  filter: string
  /** JSON; of updates only. */
  check: string
  /** JSON */
  presets: string
  /** Whether later columns are permitted, too. An explicit list stays one, also if it contains all present columns. */
  allColumns: boolean
  columns: string[]
  computedFields: string[]
  /** Number of rows; empty for no limit. */
  limit: string
  aggregations: boolean
  backendOnly: boolean
  /** null for all. */
  rootFields: Record<RootFieldsKey, string[] | null>
}

/**
 * A permission as its form shows it.
 *
 * @param stored undefined for a new permission
 * @param columns all columns of the table
 */
export function fieldsOf(
  operation: Operation,
  stored: Record<string, unknown> | undefined,
  columns: string[],
): PermissionFields {
  const allColumns = stored?.columns === '*'
  return {
    filter: prettyJson(stored ? filterOf(operation, stored) : {}),
    check: prettyJson(stored?.check),
    presets: prettyJson(stored?.set),
    allColumns,
    columns: allColumns ? columns : columns.filter((column) => listOf(stored?.columns)?.includes(column)),
    computedFields: listOf(stored?.computed_fields) ?? [],
    limit: typeof stored?.limit === 'number' ? String(stored.limit) : '',
    aggregations: stored?.allow_aggregations === true,
    backendOnly: stored?.backend_only === true,
    rootFields: {
      query_root_fields: listOf(stored?.query_root_fields),
      subscription_root_fields: listOf(stored?.subscription_root_fields),
    },
  }
}

function listOf(value: unknown): string[] | null {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : null
}

/** Whether the form can be sent. */
export function isValid({ filter, check, presets, limit }: PermissionFields): boolean {
  return isLimit(limit) && [filter, check, presets].every((text) => parseJson(text).error === undefined)
}

/** Whether a text is a limit of rows, or none. */
export function isLimit(text: string): boolean {
  return text.trim() === '' || /^\d{1,9}$/.test(text.trim())
}

/** Returns the permission as Hasura stores it; what the form does not show is kept. */
export function permissionOf(
  operation: Operation,
  fields: PermissionFields,
  stored: Record<string, unknown> = {},
): Record<string, unknown> {
  const value = (text: string) => parseJson(text).value
  const permission = omit(stored, 'limit', 'query_root_fields', 'subscription_root_fields')
  permission[filterKey(operation)] = value(fields.filter)
  if (operation === 'update') permission.check = fields.check.trim() === '{}' ? null : value(fields.check)
  if (operation !== 'delete') permission.columns = fields.allColumns ? '*' : fields.columns
  if (operation === 'insert' || operation === 'update') permission.set = value(fields.presets)
  if (operation !== 'select') return { ...permission, backend_only: fields.backendOnly }
  for (const key of Object.keys(ROOT_FIELDS) as RootFieldsKey[]) {
    const chosen = fields.rootFields[key]
    if (chosen === null) continue
    const possible = rootFieldsOf(key, fields.aggregations)
    permission[key] = chosen.filter((field) => possible.includes(field))
  }
  return {
    ...permission,
    computed_fields: fields.computedFields,
    allow_aggregations: fields.aggregations,
    ...(fields.limit.trim() !== '' && { limit: Number(fields.limit) }),
  }
}
