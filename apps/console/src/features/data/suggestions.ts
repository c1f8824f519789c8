import { displayName, type TableName } from '../../engine/sql'

/** Relationship that a foreign key suggests, as `suggest_relationships` returns it. */
export interface Suggestion {
  type: 'object' | 'array'
  from: { table: TableName; columns: string[]; constraint_name?: string }
  to: { table: TableName; columns: string[]; constraint_name?: string }
}

/** Key of a suggestion in lists. */
export function keyOf({ type, from, to }: Suggestion): string {
  return [type, displayName(from.table), ...from.columns, displayName(to.table), ...to.columns].join(' ')
}

/**
 * Returns the name of a relationship: the column without `_id`, or the name of the table.
 *
 * @param taken names of the columns and relationships of the table
 */
export function nameOf({ type, from, to }: Suggestion, taken: ReadonlySet<string>): string {
  const [column = ''] = from.columns
  const base = type === 'object' && /._id$/.test(column) ? column.slice(0, -3) : to.table.name
  // Names of the API contain letters, digits and underscores only.
  const name = base.replace(/\W/g, '_').replace(/^(?=\d)/, '_')
  if (!taken.has(name)) return name
  const longer = `${name}_by_${(type === 'object' ? from : to).columns.join('_')}`
  let candidate = longer
  for (let number = 2; taken.has(candidate); number++) candidate = `${longer}_${number}`
  return candidate
}

/** Returns the command that creates the relationship. */
export function commandOf({ type, from, to }: Suggestion, name: string) {
  const using =
    type === 'object'
      ? { foreign_key_constraint_on: from.columns.length === 1 ? from.columns[0] : from.columns }
      : {
          foreign_key_constraint_on: {
            table: to.table,
            ...(to.columns.length === 1 ? { column: to.columns[0] } : { columns: to.columns }),
          },
        }
  return {
    type: `pg_create_${type}_relationship`,
    args: { table: from.table, name, using },
  }
}
