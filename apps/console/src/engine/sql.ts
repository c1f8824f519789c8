// Text of SQL from names and values.

/** Quotes a name. */
export function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

/** Quotes the name of a table with its schema. */
export function tableName({ schema, name: table }: TableName): string {
  return `${name(schema)}.${name(table)}`
}

/** Quotes a value, which Postgres converts to the type that the place requires; null is `NULL`. */
export function literal(value: string | null): string {
  if (value === null) return 'NULL'
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return value.includes('\\') ? `E${quoted}` : quoted
}

/** Name of a table, view or function. */
export interface TableName {
  schema: string
  name: string
}

/** Name as Hasura prints it: without the schema `public`. */
export function displayName({ schema, name: table }: TableName): string {
  return schema === 'public' ? table : `${schema}.${table}`
}

export function isSameTable(a: TableName, b: TableName): boolean {
  return a.schema === b.schema && a.name === b.name
}
