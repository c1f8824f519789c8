/** Row in which the given columns are not null. */
export type NonNullRow<Row, Key extends keyof Row> = Omit<Row, Key> & { [K in Key]: NonNullable<Row[K]> }

/**
 * Returns the rows in which none of the given columns is null. All columns of a view are nullable in GraphQL, because
 * Postgres does not report which ones the SQL of the view always sets.
 */
export function nonNullRows<Row, Key extends keyof Row>(
  rows: readonly Row[] | undefined,
  ...columns: Key[]
): NonNullRow<Row, Key>[] {
  return (rows ?? []).filter((row): row is Row & NonNullRow<Row, Key> =>
    columns.every((column) => row[column] != null),
  )
}
