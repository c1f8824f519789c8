import { Button } from '@mantine/core'

import { ActionsCell } from '../../../common/ActionsCell'
import { ConfirmedButton } from '../../../common/Confirmed'
import { ListPanel } from '../../../common/ListPanel'
import table from '../../../common/table.module.css'
import { useAction } from '../../../engine/context'
import { signatureOf, type DatabaseFunction } from '../../../engine/functions'
import type { FunctionEntry } from '../../../engine/metadata'
import { displayName, isSameTable, type TableName } from '../../../engine/sql'
import { exposureOf, fieldOf } from './trackedFunction'

/** Tracked functions with their root fields. */
export function TrackedFunctions({
  entries,
  functions,
  selected,
  onSelect,
}: {
  entries: FunctionEntry[]
  functions: DatabaseFunction[]
  selected: TableName | undefined
  onSelect: (name: TableName | undefined) => void
}) {
  const untrack = useAction((engine, name: TableName) =>
    engine.metadata('pg_untrack_function', { function: name }),
  )
  return (
    <ListPanel
      title="Tracked functions"
      error={untrack.error}
      failure="Could not untrack the function"
      columns={['Function', 'Volatility', 'Root field']}
      empty="No functions are tracked yet"
    >
      {entries.map((entry) => {
        const name = displayName(entry.function)
        const known = functions.find((other) => isSameTable(other, entry.function))
        const isSelected = selected !== undefined && isSameTable(selected, entry.function)
        return (
          <tr key={name}>
            <td>
              {name} {known && <span className={table.code}>{signatureOf(known)}</span>}
            </td>
            <td>{known?.volatility ?? <span className={table.bad}>not in the database</span>}</td>
            <td>
              {exposureOf(entry, known)} <span className={table.code}>{fieldOf(entry)}</span>
            </td>
            <ActionsCell>
              <Button
                variant="default"
                aria-label={`Edit ${name}`}
                aria-pressed={isSelected}
                onClick={() => onSelect(isSelected ? undefined : entry.function)}
              >
                Edit
              </Button>
              <ConfirmedButton
                title={`Untrack ${name}?`}
                confirm="Untrack"
                onConfirm={() => untrack.mutate(entry.function)}
                question="Clients cannot call it through the API then. Its names and permissions are removed from the metadata."
              >
                Untrack
              </ConfirmedButton>
            </ActionsCell>
          </tr>
        )
      })}
    </ListPanel>
  )
}
