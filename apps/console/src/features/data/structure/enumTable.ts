import type { Definition } from '../../../engine/catalog'
import { name, tableName, type TableName } from '../../../engine/sql'

/** Columns of an enum table. */
interface EnumColumns {
  value: string
  description: string | undefined
}

/** Columns of a table that can be an enum: a text as the primary key, and at most one other text; undefined for other tables. */
export function enumColumns({ columns, constraints }: Definition): EnumColumns | undefined {
  const key = constraints.find(({ kind }) => kind === 'primary key')?.columns
  const [value, ...more] = key ?? []
  const others = columns.filter((column) => column.name !== value)
  if (value === undefined || more.length > 0 || others.length > 1) return undefined
  if (columns.some(({ type }) => type !== 'text')) return undefined
  return { value, description: others[0]?.name }
}

/** Query for the values in the order of their names. */
export function enumValues(table: TableName, { value, description }: EnumColumns, limit: number): string {
  const columns = [value, ...(description === undefined ? [] : [description])].map(name).join(', ')
  return (
    `SELECT coalesce(json_agg(to_json(ARRAY[${columns}])), '[]') FROM ` +
    `(SELECT * FROM ${tableName(table)} ORDER BY ${name(value)} LIMIT ${limit}) AS v`
  )
}
