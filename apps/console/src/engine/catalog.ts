import { literal, tableName, type TableName } from './sql'

export type RelationKind = 'table' | 'view' | 'materialized view' | 'foreign table'

/** Table or view of the database. */
export interface Relation extends TableName {
  kind: RelationKind
  /** Number of rows by the statistics of Postgres; null before they exist. */
  rows: number | null
}

export interface Column {
  name: string
  type: string
  nullable: boolean
  default: string | null
  /** Whether Postgres computes the value: clients cannot write it. */
  generated: boolean
  comment: string | null
  /** Words of an enum type. */
  words: string[] | null
}

export interface Constraint {
  name: string
  kind: 'primary key' | 'unique' | 'foreign key' | 'check' | 'exclusion'
  definition: string
  columns: string[]
  /** Table that a foreign key refers to. */
  target: TableName | null
  targetColumns: string[]
}

export interface Definition {
  comment: string | null
  columns: Column[]
  constraints: Constraint[]
  indexes: { name: string; definition: string }[]
  triggers: { name: string; definition: string }[]
}

/** All tables and views, without those of Postgres and the engine. */
export const RELATIONS = `
SELECT coalesce(json_agg(json_build_object(
  'schema', n.nspname, 'name', c.relname,
  'kind', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
  'rows', CASE WHEN c.relkind IN ('r', 'm', 'p') AND c.reltuples >= 0 THEN c.reltuples::bigint END
) ORDER BY n.nspname, c.relname), '[]')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'hdb_catalog')
  AND n.nspname NOT LIKE 'pg\\_%'`

/** Definition of one table or view. */
export function definitionOf(table: TableName): string {
  const oid = `${literal(tableName(table))}::regclass`
  return `
SELECT json_build_object(
  'comment', obj_description(${oid}, 'pg_class'),
  'columns', (SELECT coalesce(json_agg(json_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid),
      'generated', a.attgenerated <> '' OR a.attidentity = 'a',
      'comment', col_description(a.attrelid, a.attnum),
      'words', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid)
    ) ORDER BY a.attnum), '[]')
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ${oid} AND a.attnum > 0 AND NOT a.attisdropped),
  'constraints', (SELECT coalesce(json_agg(json_build_object(
      'name', k.conname,
      'kind', CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key'
        WHEN 'c' THEN 'check' ELSE 'exclusion' END,
      'definition', pg_get_constraintdef(k.oid),
      'columns', (SELECT coalesce(json_agg(a.attname ORDER BY o.place), '[]')
        FROM unnest(k.conkey) WITH ORDINALITY AS o (number, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.number),
      'target', CASE WHEN k.confrelid <> 0 THEN
        (SELECT json_build_object('schema', n.nspname, 'name', c.relname)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = k.confrelid) END,
      'targetColumns', (SELECT coalesce(json_agg(a.attname ORDER BY o.place), '[]')
        FROM unnest(k.confkey) WITH ORDINALITY AS o (number, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.number)
    ) ORDER BY k.contype <> 'p', k.conname), '[]')
    FROM pg_constraint k WHERE k.conrelid = ${oid} AND k.contype IN ('p', 'u', 'f', 'c', 'x')),
  'indexes', (SELECT coalesce(json_agg(json_build_object('name', c.relname, 'definition', pg_get_indexdef(i.indexrelid))
      ORDER BY c.relname), '[]')
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ${oid}),
  'triggers', (SELECT coalesce(json_agg(json_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid)) ORDER BY t.tgname), '[]')
    FROM pg_trigger t WHERE t.tgrelid = ${oid} AND NOT t.tgisinternal)
)`
}

/** Names of the columns of tables and views. */
export function columnsOf(tables: TableName[]): string {
  const oids = tables.map((table) => `(${literal(tableName(table))}::regclass)`).join(', ')
  return `
SELECT json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'columns', (
  SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)))
FROM (VALUES ${oids}) AS t (oid) JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace`
}

/** Columns of the primary key, or of a unique constraint whose columns are not null; empty if nothing distinguishes the rows. */
export function keyOf({ columns, constraints }: Definition): string[] {
  const required = new Set(columns.filter(({ nullable }) => !nullable).map(({ name }) => name))
  const keys = constraints.filter(
    ({ kind, columns }) =>
      kind === 'primary key' || (kind === 'unique' && columns.every((column) => required.has(column))),
  )
  return keys[0]?.columns ?? []
}
