import { literal, name, tableName, type TableName } from '../../../engine/sql'
import type { Column } from '../../../engine/catalog'

/** Content of the form of a column. */
export interface ColumnFields {
  name: string
  type: string
  nullable: boolean
  unique: boolean
  /** SQL expression; empty for none. */
  default: string
  comment: string
}

export const NEW_COLUMN: ColumnFields = {
  name: '',
  type: 'text',
  nullable: true,
  unique: false,
  default: '',
  comment: '',
}

export function fieldsOf(column: Column): ColumnFields {
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    unique: false,
    default: column.default ?? '',
    comment: column.comment ?? '',
  }
}

/** Statements that add a column. Type and default are SQL of the user. */
export function addColumnSql(table: TableName, fields: ColumnFields): string {
  const parts = [
    `ALTER TABLE ${tableName(table)} ADD COLUMN ${name(fields.name.trim())} ${fields.type.trim()}`,
    ...(fields.nullable ? [] : ['NOT NULL']),
    ...(fields.unique ? ['UNIQUE'] : []),
    ...(fields.default.trim() === '' ? [] : [`DEFAULT ${fields.default.trim()}`]),
  ]
  return statements([
    parts.join(' '),
    ...(fields.comment.trim() === '' ? [] : [columnComment(table, fields.name.trim(), fields.comment)]),
  ])
}

/** Statements for what differs from the column; empty if nothing does. */
export function alterColumnSql(table: TableName, column: Column, fields: ColumnFields): string {
  const before = fieldsOf(column)
  const newName = fields.name.trim()
  const alter = (change: string) => `ALTER TABLE ${tableName(table)} ALTER COLUMN ${name(newName)} ${change}`
  const type = fields.type.trim()
  const value = fields.default.trim()
  const list: string[] = []
  if (newName !== before.name)
    list.push(`ALTER TABLE ${tableName(table)} RENAME COLUMN ${name(before.name)} TO ${name(newName)}`)
  const changesType = type !== before.type
  // A default is converted by an assignment only, so that one of another type is set again below.
  if (changesType && before.default !== '') list.push(alter('DROP DEFAULT'))
  if (changesType) list.push(alter(`TYPE ${type} USING ${name(newName)}::${type}`))
  if (value !== '' && (value !== before.default || changesType)) list.push(alter(`SET DEFAULT ${value}`))
  else if (value === '' && before.default !== '' && !changesType) list.push(alter('DROP DEFAULT'))
  if (fields.nullable !== before.nullable) list.push(alter(`${fields.nullable ? 'DROP' : 'SET'} NOT NULL`))
  if (fields.unique) list.push(`ALTER TABLE ${tableName(table)} ADD UNIQUE (${name(newName)})`)
  if (fields.comment !== before.comment) list.push(columnComment(table, newName, fields.comment))
  return statements(list)
}

export function dropColumnSql(table: TableName, column: string): string {
  return statements([`ALTER TABLE ${tableName(table)} DROP COLUMN ${name(column)}`])
}

/** @param definition SQL of the user, such as `CHECK (price > 0)` */
export function addConstraintSql(table: TableName, constraint: string, definition: string): string {
  const named = constraint.trim() === '' ? '' : `CONSTRAINT ${name(constraint.trim())} `
  return statements([`ALTER TABLE ${tableName(table)} ADD ${named}${definition.trim()}`])
}

export function dropConstraintSql(table: TableName, constraint: string): string {
  return statements([`ALTER TABLE ${tableName(table)} DROP CONSTRAINT ${name(constraint)}`])
}

/** @param kind such as `view` */
export function commentSql(table: TableName, kind: string, comment: string): string {
  return statements([`COMMENT ON ${kind.toUpperCase()} ${tableName(table)} IS ${commentText(comment)}`])
}

function columnComment(table: TableName, column: string, comment: string): string {
  return `COMMENT ON COLUMN ${tableName(table)}.${name(column)} IS ${commentText(comment)}`
}

function commentText(comment: string): string {
  return literal(comment.trim() === '' ? null : comment.trim())
}

function statements(list: string[]): string {
  return list.map((statement) => `${statement};`).join('\n')
}
