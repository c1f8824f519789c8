import type { TableName } from '../../engine/sql'

const IDENTIFIER = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`
const CREATE = new RegExp(
  String.raw`\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+)?(?:materialized\s+)?(?:foreign\s+)?(?:recursive\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?(?:(${IDENTIFIER})\s*\.\s*)?(${IDENTIFIER})`,
  'giu',
)

/** Names of the tables and views that an SQL text creates; temporary ones are not among them. */
export function createdRelations(sql: string): TableName[] {
  const names = [...withoutTexts(sql).matchAll(CREATE)].map(([, schema, name]) => ({
    schema: schema === undefined ? 'public' : unquoted(schema),
    name: unquoted(name ?? ''),
  }))
  return names.filter(({ schema }) => schema !== 'hdb_catalog')
}

/** Removes comments, strings and bodies of functions. */
function withoutTexts(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|(\$\w*\$)[\s\S]*?\1/g, ' ')
}

/** Postgres folds a name without quotes to lower case. */
function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}
