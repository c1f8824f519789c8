/** Rows in which none of these columns is null. */
export type Whole<Row, Key extends keyof Row> = Omit<Row, Key> & { [K in Key]: NonNullable<Row[K]> }

/**
 * The rows in which none of the columns named is null. GraphQL says of every column of a view that it may be null, because
 * Postgres does not tell; these are the ones that the view's SQL always fills.
 */
export function whole<Row, Key extends keyof Row>(
  rows: readonly Row[] | undefined,
  ...columns: Key[]
): Whole<Row, Key>[] {
  return (rows ?? []).filter((row): row is Row & Whole<Row, Key> =>
    columns.every((column) => row[column] != null),
  )
}
