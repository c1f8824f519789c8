import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Panel } from '@threefactor/shared/ui'

import { ConfirmedButton } from '../../../common/Confirmed'
import { Empty } from '../../../common/Empty'
import { Failure } from '../../../common/Failure'
import { Loaded } from '../../../common/Loaded'
import { ResultTable } from '../../../common/ResultTable'
import table from '../../../common/table.module.css'
import type { Definition } from '../../../engine/catalog'
import { useAction, useEngine } from '../../../engine/context'
import type { TableEntry } from '../../../engine/metadata'
import { enumColumns, enumValues } from './enumTable'

/** Number of values that are listed. */
const MAX_VALUES = 100

/** Whether the rows of a table are the values of a GraphQL enum. Not shown for tables that do not have the form of one. */
export function EnumPanel({ entry, definition }: { entry: TableEntry; definition: Definition }) {
  const engine = useEngine()
  const isEnum = entry.is_enum === true
  const columns = enumColumns(definition)
  const values = useQuery({
    queryKey: ['enum-values', entry.table.schema, entry.table.name],
    enabled: columns !== undefined,
    queryFn: () =>
      engine.json<(string | null)[][]>(columns ? enumValues(entry.table, columns, MAX_VALUES) : ''),
  })
  const set = useAction((engine, is_enum: boolean) =>
    engine.metadata('pg_set_table_is_enum', { table: entry.table, is_enum }),
  )
  const reload = useAction((engine) => engine.metadata('reload_metadata', {}))
  if (!isEnum && !columns) return null
  return (
    <Panel
      title="Enum"
      aside={
        <span className={table.actions}>
          {isEnum && (
            <Button variant="default" loading={reload.isPending} onClick={() => reload.mutate()}>
              Reload values
            </Button>
          )}
          {isEnum ? (
            <ConfirmedButton
              variant="default"
              loading={set.isPending}
              title="Use the table as a table only?"
              confirm="Remove the enum"
              onConfirm={() => set.mutate(false)}
              question="Columns that refer to it have the type of the key again. Operations that name the enum or its values are refused then."
            >
              No longer use as an enum
            </ConfirmedButton>
          ) : (
            <Button variant="default" loading={set.isPending} onClick={() => set.mutate(true)}>
              Use as an enum
            </Button>
          )}
        </span>
      }
    >
      <div className={table.stack}>
        <p className={table.hint}>
          {isEnum
            ? 'Columns with a foreign key to this table have an enum type in the API. After a change of the rows, reload the values.'
            : 'The key of this table can be the type of the columns that refer to it: its rows are the values of an enum.'}
        </p>
        <Failure error={set.error ?? reload.error} title="The table was not changed" />
        {columns && (
          <Loaded query={values} label="Loading the values">
            {(rows) =>
              rows.length === 0 ? (
                <Empty title="The table has no rows, and an enum needs a value" />
              ) : (
                <>
                  <ResultTable
                    label="Values"
                    columns={columns.description === undefined ? ['Value'] : ['Value', 'Description']}
                    rows={rows}
                  />
                  {rows.length === MAX_VALUES && (
                    <p className={table.hint}>The first {MAX_VALUES} values are shown.</p>
                  )}
                </>
              )
            }
          </Loaded>
        )}
      </div>
    </Panel>
  )
}
