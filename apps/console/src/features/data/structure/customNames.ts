import { omit } from '../../../common/omit'
import type { RelationKind } from '../../../engine/catalog'
import type { Configuration } from '../../../engine/metadata'

/** Content of the form of the names of a table in the API; empty for the default. */
export interface NameFields {
  table: string
  /** By the names of the columns. */
  columns: Record<string, string>
  /** By the kinds of root fields. */
  roots: Record<string, string>
}

const READS = ['select', 'select_by_pk', 'select_aggregate', 'select_stream'] as const
const WRITES = [
  'insert',
  'insert_one',
  'update',
  'update_by_pk',
  'update_many',
  'delete',
  'delete_by_pk',
] as const

/** Kinds of root fields of a table or view. */
export function rootKinds(kind: RelationKind): readonly string[] {
  return kind === 'materialized view' ? READS : [...READS, ...WRITES]
}

/** Name of a root field without a custom one. */
export function defaultRoot(kind: string, table: string): string {
  const [first = '', ...rest] = kind.split('_')
  const suffix = rest.length > 0 ? `_${rest.join('_')}` : ''
  return first === 'select' ? `${table}${suffix}` : `${first}_${table}${suffix}`
}

export function namesOf(configuration: Configuration = {}): NameFields {
  const columns = { ...configuration.custom_column_names }
  // These have precedence.
  for (const [column, { custom_name }] of Object.entries(configuration.column_config ?? {}))
    if (custom_name !== undefined) columns[column] = custom_name
  const roots: Record<string, string> = {}
  for (const [kind, root] of Object.entries(configuration.custom_root_fields ?? {})) {
    const custom = typeof root === 'string' ? root : root?.name
    if (typeof custom === 'string') roots[kind] = custom
  }
  return { table: configuration.custom_name ?? '', columns, roots }
}

/** Returns the configuration of a table with the names; comments and what the form does not show are kept. */
export function withNames(
  { table, columns, roots }: NameFields,
  previous: Configuration = {},
): Configuration {
  const { column_config, custom_root_fields } = previous
  const config = Object.entries(column_config ?? {}).map(([column, entry]) => {
    const custom = columns[column]?.trim() ?? ''
    return [column, { ...omit(entry, 'custom_name'), ...(custom !== '' && { custom_name: custom }) }] as const
  })
  const kinds = new Set([...Object.keys(custom_root_fields ?? {}), ...Object.keys(roots)])
  const rootFields: NonNullable<Configuration['custom_root_fields']> = {}
  for (const kind of kinds) {
    const before = custom_root_fields?.[kind]
    const custom = roots[kind]?.trim() ?? ''
    const comment = typeof before === 'object' ? before?.comment : undefined
    if (typeof comment === 'string') rootFields[kind] = { ...(custom !== '' && { name: custom }), comment }
    else if (custom !== '') rootFields[kind] = custom
  }
  return {
    ...omit(previous, 'custom_name', 'custom_column_names', 'column_config', 'custom_root_fields'),
    ...(table.trim() !== '' && { custom_name: table.trim() }),
    custom_column_names: Object.fromEntries(
      Object.entries(columns)
        .map(([column, custom]) => [column, custom.trim()] as const)
        .filter(([, custom]) => custom !== ''),
    ),
    ...(config.length > 0 && { column_config: Object.fromEntries(config) }),
    custom_root_fields: rootFields,
  }
}
