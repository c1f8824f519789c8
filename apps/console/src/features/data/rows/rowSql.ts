import { literal, name, tableName, type TableName } from '../../../engine/sql'

/** Values of a row as text, in the order of the columns; null for NULL. */
export type Row = (string | null)[]

export const OPERATORS = {
  '=': 'is',
  '<>': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
  contains: 'contains',
  'is null': 'is null',
  'is not null': 'is not null',
} as const
export type Operator = keyof typeof OPERATORS

export interface Filter {
  column: string
  operator: Operator
  value: string
}

export interface Sort {
  column: string
  descending: boolean
}

/** Number of rows per request. */
export const PAGE = 100

function condition({ column, operator, value }: Filter): string {
  if (operator === 'is null' || operator === 'is not null') return `${name(column)} ${operator}`
  if (operator === 'contains') {
    // The characters of the text are compared literally.
    const pattern = `%${value.replace(/[\\%_]/g, '\\$&')}%`
    return `${name(column)}::text ILIKE ${literal(pattern)}`
  }
  return `${name(column)} ${operator} ${literal(value)}`
}

/**
 * Query for a page of rows, as one JSON array of arrays of texts.
 *
 * @param key columns that make the order complete, so that pages neither repeat nor skip rows
 */
export function pageSql(
  table: TableName,
  columns: string[],
  filters: Filter[],
  sort: Sort | undefined,
  key: string[],
  offset: number,
): string {
  const where = filters.length === 0 ? '' : ` WHERE ${filters.map(condition).join(' AND ')}`
  const order = [
    ...(sort ? [`${name(sort.column)}${sort.descending ? ' DESC NULLS LAST' : ' ASC NULLS FIRST'}`] : []),
    ...key.filter((column) => column !== sort?.column).map(name),
  ]
  const orderBy = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`
  // Lines, so that one value does not contain the texts of all rows twice.
  const values = columns.map((column) => `r.${name(column)}::text`).join(', ')
  return (
    `SELECT coalesce(json_agg(to_json(ARRAY[${values}]::text[])), '[]') FROM ` +
    `(SELECT * FROM ${tableName(table)}${where}${orderBy} LIMIT ${PAGE} OFFSET ${offset}) AS r`
  )
}

/** Row that a foreign key can refer to: the value of the key, and the row as text. */
export interface Reference {
  key: string
  row: string
}

/** Number of suggested references. */
const MAX_REFERENCES = 20

/** Query for the rows whose key begins with a text. */
export function referencesSql(target: TableName, column: string, text: string): string {
  const key = `r.${name(column)}`
  const pattern = literal(`${text.replace(/[\\%_]/g, '\\$&')}%`)
  return (
    `SELECT coalesce(json_agg(f), '[]') FROM (SELECT ${key}::text AS key, left(r::text, 80) AS row ` +
    `FROM ${tableName(target)} AS r WHERE ${key}::text LIKE ${pattern} ORDER BY ${key} LIMIT ${MAX_REFERENCES}) AS f`
  )
}

function keyCondition(columns: string[], row: Row, key: string[]): string {
  return key
    .map((column) => `${name(column)} = ${literal(row[columns.indexOf(column)] ?? null)}`)
    .join(' AND ')
}

/** Statement that returns the number of rows that it changed. */
function counted(statement: string): string {
  return `WITH changed AS (${statement} RETURNING 1) SELECT count(*) FROM changed`
}

/** Inserts a row; columns without a value get their defaults. */
export function insertSql(table: TableName, values: Map<string, string | null>): string {
  const into = `INSERT INTO ${tableName(table)}`
  if (values.size === 0) return counted(`${into} DEFAULT VALUES`)
  const columns = [...values.keys()].map(name).join(', ')
  return counted(`${into} (${columns}) VALUES (${[...values.values()].map(literal).join(', ')})`)
}

/** Changes columns of a row, unless it has changed since it was read. */
export function updateSql(
  table: TableName,
  columns: string[],
  key: string[],
  row: Row,
  values: Map<string, string | null>,
): string {
  const set = [...values].map(([column, value]) => `${name(column)} = ${literal(value)}`).join(', ')
  const unchanged = [...values.keys()].map(
    (column) => `${name(column)}::text IS NOT DISTINCT FROM ${literal(row[columns.indexOf(column)] ?? null)}`,
  )
  const where = [keyCondition(columns, row, key), ...unchanged].join(' AND ')
  return counted(`UPDATE ${tableName(table)} SET ${set} WHERE ${where}`)
}

export function deleteSql(table: TableName, columns: string[], key: string[], row: Row): string {
  return counted(`DELETE FROM ${tableName(table)} WHERE ${keyCondition(columns, row, key)}`)
}
