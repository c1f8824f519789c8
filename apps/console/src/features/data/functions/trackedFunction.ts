import { omit } from '../../../common/omit'
import type { DatabaseFunction } from '../../../engine/functions'
import {
  entryOf,
  type FunctionConfiguration,
  type FunctionEntry,
  type Metadata,
} from '../../../engine/metadata'

export type Exposure = 'query' | 'mutation'

/** Root type of a function's field. */
export function exposureOf({ configuration }: FunctionEntry, known: DatabaseFunction | undefined): Exposure {
  return configuration?.exposed_as ?? (known?.volatility === 'VOLATILE' ? 'mutation' : 'query')
}

/** Root field of a function. */
export function fieldOf({ function: { schema, name }, configuration }: FunctionEntry): string {
  const custom = configuration?.custom_root_fields?.function ?? configuration?.custom_name
  return custom ?? (schema === 'public' ? name : `${schema}_${name}`)
}

/** Content of the form of a tracked function. */
export interface FunctionFields {
  customName: string
  field: string
  aggregateField: string
  sessionArgument: string
  /** Empty for the one that the volatility decides. */
  exposedAs: string
}

export function fieldsOf({ configuration }: FunctionEntry): FunctionFields {
  return {
    customName: configuration?.custom_name ?? '',
    field: configuration?.custom_root_fields?.function ?? '',
    aggregateField: configuration?.custom_root_fields?.function_aggregate ?? '',
    sessionArgument: configuration?.session_argument ?? '',
    exposedAs: configuration?.exposed_as ?? '',
  }
}

/** Returns the configuration of a function; what the form does not show is kept. */
export function configurationOf(
  { customName, field, aggregateField, sessionArgument, exposedAs }: FunctionFields,
  previous: FunctionConfiguration = {},
): FunctionConfiguration {
  const root = {
    ...(field.trim() !== '' && { function: field.trim() }),
    ...(aggregateField.trim() !== '' && { function_aggregate: aggregateField.trim() }),
  }
  return {
    ...omit(previous, 'custom_name', 'custom_root_fields', 'session_argument', 'exposed_as'),
    ...(customName.trim() !== '' && { custom_name: customName.trim() }),
    ...(Object.keys(root).length > 0 && { custom_root_fields: root }),
    ...(sessionArgument !== '' && { session_argument: sessionArgument }),
    ...(exposedAs !== '' && { exposed_as: exposedAs as Exposure }),
  }
}

/** Roles that may read the table whose rows a function returns: only these can get a permission to call it. */
export function readersOf(metadata: Metadata, known: DatabaseFunction | undefined): string[] {
  const of = known?.table
  if (!of) return []
  const permissions = entryOf(metadata, of)?.select_permissions ?? []
  return permissions.map(({ role }) => role).sort()
}
