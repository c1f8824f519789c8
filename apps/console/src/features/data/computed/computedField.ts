import type { DatabaseFunction } from '../../../engine/functions'
import { isSameTable, type TableName } from '../../../engine/sql'

/** Functions that can compute a field of a table: they get a row of it, and only reads are promised. */
export function candidatesFor(table: TableName, functions: DatabaseFunction[]): DatabaseFunction[] {
  return functions.filter(
    ({ volatility, isOverloaded, arguments: list }) =>
      volatility !== 'VOLATILE' &&
      !isOverloaded &&
      list.some((argument) => argument.table !== null && isSameTable(argument.table, table)),
  )
}

/** Names of the arguments that can receive the row. */
export function rowArguments(table: TableName, { arguments: list }: DatabaseFunction): string[] {
  return list.flatMap(({ name, table: of }) =>
    name !== null && of !== null && isSameTable(of, table) ? [name] : [],
  )
}

/** Returns the arguments of `add_computed_field`. */
export function argsOf(
  table: TableName,
  chosen: DatabaseFunction,
  fields: { name: string; rowArgument: string; sessionArgument: string; comment: string },
) {
  // Hasura takes the first argument unless another one is named.
  const isFirst = chosen.arguments[0]?.table != null && isSameTable(chosen.arguments[0].table, table)
  const row = fields.rowArgument === '' && !isFirst ? rowArguments(table, chosen)[0] : fields.rowArgument
  return {
    table,
    name: fields.name.trim(),
    definition: {
      function: { schema: chosen.schema, name: chosen.name },
      ...(row !== undefined && row !== '' && { table_argument: row }),
      ...(fields.sessionArgument !== '' && { session_argument: fields.sessionArgument }),
    },
    ...(fields.comment.trim() !== '' && { comment: fields.comment.trim() }),
  }
}
