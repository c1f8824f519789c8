import { useQuery } from '@tanstack/react-query'

import { columnsOf, type Definition } from '../../../engine/catalog'
import { useEngine } from '../../../engine/context'
import type { TableEntry } from '../../../engine/metadata'
import { isSameTable, tableName, type TableName } from '../../../engine/sql'
import { relationshipsOf, targetOf } from '../relationships'
import type { Path } from './permission'

/** Columns that a condition of a table can compare: its own, and those of the tables that its relationships lead to. */
export function usePaths(entry: TableEntry, definition: Definition): Path[] {
  const engine = useEngine()
  const targets = relationshipsOf(entry).flatMap((relationship) => {
    const target = targetOf(relationship, definition)
    return target ? [{ name: relationship.name, target }] : []
  })
  const { data = [] } = useQuery({
    queryKey: ['columns', ...new Set(targets.map(({ target }) => tableName(target)))],
    enabled: targets.length > 0,
    queryFn: () =>
      engine.json<(TableName & { columns: string[] })[]>(columnsOf(targets.map(({ target }) => target))),
  })
  return [
    ...definition.columns.map(({ name }) => [name]),
    ...targets.flatMap(({ name, target }) => {
      const columns = data.find((table) => isSameTable(table, target))?.columns ?? []
      return columns.map((column) => [name, column])
    }),
  ]
}
