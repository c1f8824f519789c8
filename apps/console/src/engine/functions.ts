import { literal, type TableName } from './sql'

export interface Argument {
  /** null for an argument without a name. */
  name: string | null
  type: string
  /** Table whose row the argument is; null for other types. */
  table: TableName | null
}

/** Function of the database. */
export interface DatabaseFunction extends TableName {
  volatility: 'VOLATILE' | 'STABLE' | 'IMMUTABLE'
  arguments: Argument[]
  /** Type of the result as Postgres prints it. */
  result: string
  /** Table whose rows it returns; null for other results. */
  table: TableName | null
  /** Whether another function has the same name: then neither can be tracked. */
  isOverloaded: boolean
}

const TABLE_OF_TYPE = (type: string) => `
  (SELECT json_build_object('schema', tn.nspname, 'name', c.relname)
   FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid JOIN pg_namespace tn ON tn.oid = c.relnamespace
   WHERE t.oid = ${type} AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))`

/** Functions that are neither of Postgres, nor of an extension or a trigger. */
const SELECTION = `
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind = 'f' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'hdb_catalog') AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`

/** All functions of the application. */
export const FUNCTIONS = `
SELECT coalesce(json_agg(f ORDER BY f.schema, f.name), '[]') FROM (
  SELECT n.nspname AS schema, p.proname AS name,
    CASE p.provolatile WHEN 'v' THEN 'VOLATILE' WHEN 's' THEN 'STABLE' ELSE 'IMMUTABLE' END AS volatility,
    (SELECT coalesce(json_agg(json_build_object(
        'name', nullif(p.proargnames[o.place], ''), 'type', format_type(o.type, NULL), 'table', ${TABLE_OF_TYPE('o.type')}
      ) ORDER BY o.place), '[]')
      FROM unnest(p.proargtypes) WITH ORDINALITY AS o (type, place)) AS arguments,
    pg_get_function_result(p.oid) AS result,
    ${TABLE_OF_TYPE('p.prorettype')} AS "table",
    count(*) OVER (PARTITION BY p.pronamespace, p.proname) > 1 AS "isOverloaded"
  ${SELECTION}
) f`

/** Text of the definition of a function. */
export function functionDefinition({ schema, name }: TableName): string {
  return `
SELECT to_json(string_agg(pg_get_functiondef(p.oid), E'\\n\\n')) ${SELECTION}
  AND n.nspname = ${literal(schema)} AND p.proname = ${literal(name)}`
}

/** Arguments and result, for display. */
export function signatureOf({ arguments: list, result }: DatabaseFunction): string {
  const texts = list.map(({ name, type }) => (name === null ? type : `${name} ${type}`))
  return `(${texts.join(', ')}) → ${result}`
}

/** Names of the arguments that can receive the session variables. */
export function sessionArguments({ arguments: list }: DatabaseFunction): string[] {
  return list.flatMap(({ name, type }) => (name !== null && /^jsonb?$/.test(type) ? [name] : []))
}
