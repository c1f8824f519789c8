import type { Definition } from '../../engine/catalog'
import type { Relationship, TableEntry } from '../../engine/metadata'
import type { TableName } from '../../engine/sql'

/** Table that a relationship leads to; undefined if its foreign key does not exist. */
export function targetOf({ using }: Relationship, definition: Definition): TableName | undefined {
  const { foreign_key_constraint_on: key, manual_configuration: manual } = using
  if (manual) return manual.remote_table
  if (typeof key === 'object' && !Array.isArray(key)) return key.table
  const columns = typeof key === 'string' ? [key] : (key ?? [])
  const foreign = definition.constraints.find(
    (constraint) => constraint.kind === 'foreign key' && constraint.columns.join('\n') === columns.join('\n'),
  )
  return foreign?.target ?? undefined
}

/** All relationships of a table. */
export function relationshipsOf({ object_relationships, array_relationships }: TableEntry): Relationship[] {
  return [...(object_relationships ?? []), ...(array_relationships ?? [])]
}
