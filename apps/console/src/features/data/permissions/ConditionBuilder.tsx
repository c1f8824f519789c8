import { Button, NativeSelect, TextInput } from '@mantine/core'

import { parseJson, prettyJson } from '../../../common/json'
import table from '../../../common/table.module.css'
import {
  OPERATORS,
  conditionsOf,
  filterFrom,
  pathKey,
  type Condition,
  type Conditions,
  type Path,
} from './permission'
import classes from './PermissionsTab.module.css'

/** Form for comparisons of columns. The JSON beside it is what is stored; it can contain more than this form. */
export function ConditionBuilder({
  paths,
  text,
  onChange,
}: {
  /** Columns that can be compared. */
  paths: Path[]
  /** The condition as JSON. */
  text: string
  onChange: (text: string) => void
}) {
  const { value, error } = parseJson(text)
  const conditions = error === undefined ? conditionsOf(value, paths) : undefined
  if (!conditions)
    return (
      <p className={table.hint}>
        {error === undefined
          ? 'This condition is more than comparisons of columns: edit it as JSON.'
          : 'Correct the JSON to edit the condition in the form.'}
      </p>
    )
  const { mode, list } = conditions
  const set = (part: Partial<Conditions>) => onChange(prettyJson(filterFrom({ mode, list, ...part })))
  const change = (index: number, part: Partial<Condition>) =>
    set({ list: list.map((condition, other) => (other === index ? { ...condition, ...part } : condition)) })
  return (
    <div className={classes.conditions} role="group" aria-label="Conditions">
      {list.length === 0 && <p className={table.hint}>No condition: all rows.</p>}
      {list.length > 1 && (
        <div className={table.row}>
          <NativeSelect
            label="Rows have to meet"
            data={[
              { value: '_and', label: 'all conditions' },
              { value: '_or', label: 'at least one condition' },
            ]}
            value={mode}
            onChange={(event) => set({ mode: event.currentTarget.value === '_or' ? '_or' : '_and' })}
          />
        </div>
      )}
      {list.map(({ path, operator, value }, index) => (
        <div key={index} className={table.row}>
          <NativeSelect
            label="Column"
            data={paths.map((path) => ({ value: pathKey(path), label: path.join(' › ') }))}
            value={pathKey(path)}
            onChange={(event) => change(index, { path: JSON.parse(event.currentTarget.value) as Path })}
          />
          <NativeSelect
            label="Operator"
            data={OPERATORS}
            value={operator}
            onChange={(event) => change(index, { operator: event.currentTarget.value })}
          />
          <TextInput
            label="Value"
            value={value}
            placeholder="X-Hasura-User-Id"
            onChange={(event) => change(index, { value: event.currentTarget.value })}
          />
          <Button
            variant="default"
            aria-label={`Remove the condition on ${path.join(' › ')}`}
            onClick={() => set({ list: list.filter((_, other) => other !== index) })}
          >
            Remove
          </Button>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          onClick={() =>
            set({ list: [...list, { path: paths[0] ?? [], operator: '_eq', value: 'X-Hasura-User-Id' }] })
          }
        >
          Add condition
        </Button>
      </div>
    </div>
  )
}
