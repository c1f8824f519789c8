import { useQuery } from '@tanstack/react-query'

import { RELATIONS, definitionOf, type Definition, type Relation } from './catalog'
import { useEngine } from './context'
import type { TableName } from './sql'

/** Reads the names of all tables and views. */
export function useRelations() {
  const engine = useEngine()
  return useQuery({ queryKey: ['relations'], queryFn: () => engine.json<Relation[]>(RELATIONS) })
}

/** Reads the definition of a table or view. */
export function useDefinition(table: TableName) {
  const engine = useEngine()
  return useQuery({
    queryKey: ['definition', table.schema, table.name],
    queryFn: () => engine.json<Definition>(definitionOf(table)),
  })
}
