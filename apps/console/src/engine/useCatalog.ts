import { useQuery } from '@tanstack/react-query'

import { RELATIONS, definitionOf, type Definition, type Relation } from './catalog'
import { useEngine } from './context'
import { FUNCTIONS, functionDefinition, type DatabaseFunction } from './functions'
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

/** Reads all functions of the application. */
export function useFunctions() {
  const engine = useEngine()
  return useQuery({
    queryKey: ['functions'],
    queryFn: () => engine.json<DatabaseFunction[]>(FUNCTIONS),
  })
}

/** Reads the text of a function's definition. */
export function useFunctionDefinition(name: TableName) {
  const engine = useEngine()
  return useQuery({
    queryKey: ['function', name.schema, name.name],
    queryFn: () => engine.json<string | null>(functionDefinition(name)),
  })
}
