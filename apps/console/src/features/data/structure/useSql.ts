import { useAction } from '../../../engine/context'

/** Statements of an action; with `cascade`, also the objects of the metadata that depend on what they remove are removed. */
export interface Statements {
  sql: string
  cascade?: boolean
}

/** Changes the definition of a table. The engine renames and removes in the metadata what the SQL renames and removes. */
export function useSql(onSuccess?: () => void) {
  return useAction((engine, { sql, cascade = false }: Statements) => engine.sql(sql, { cascade }), onSuccess)
}
