import { Button, NativeSelect, TextInput } from '@mantine/core'

import { parseJson, prettyJson } from '../../../common/json'
import table from '../../../common/table.module.css'
import { textOf, valueOf } from './permission'
import classes from './PermissionsTab.module.css'

/** Form for the values that the engine sets in written rows. The JSON beside it is what is stored. */
export function Presets({
  columns,
  text,
  onChange,
}: {
  columns: string[]
  /** The values by their columns, as JSON. */
  text: string
  onChange: (text: string) => void
}) {
  const { value } = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const presets = Object.entries(value as Record<string, unknown>)
  const set = (next: [string, unknown][]) => onChange(prettyJson(Object.fromEntries(next)))
  const free = columns.filter((column) => !presets.some(([other]) => other === column))
  return (
    <div className={classes.conditions} role="group" aria-label="Values that the engine sets">
      {presets.map(([column, preset], index) => (
        <div key={column} className={table.row}>
          <NativeSelect
            label="Column"
            data={[column, ...free]}
            value={column}
            onChange={({ currentTarget: { value: chosen } }) =>
              set(presets.map((entry, other) => (other === index ? [chosen, preset] : entry)))
            }
          />
          <TextInput
            label="Value"
            value={textOf(preset)}
            placeholder="X-Hasura-User-Id"
            onChange={({ currentTarget: { value: written } }) =>
              set(presets.map((entry, other) => (other === index ? [column, valueOf(written)] : entry)))
            }
          />
          <Button
            variant="default"
            aria-label={`Remove the value of ${column}`}
            onClick={() => set(presets.filter((_, other) => other !== index))}
          >
            Remove
          </Button>
        </div>
      ))}
      {free[0] !== undefined && (
        <div>
          <Button variant="default" onClick={() => set([...presets, [free[0] ?? '', 'X-Hasura-User-Id']])}>
            Add value
          </Button>
        </div>
      )}
    </div>
  )
}
