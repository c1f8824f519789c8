import { Button, NativeSelect, TextInput } from '@mantine/core'

import { parseJson, prettyJson } from '../../../common/json'
import table from '../../../common/table.module.css'
import { OPERATORS, conditionsOf, filterFrom, type Condition } from './permission'
import classes from './PermissionsTab.module.css'

/** Form for conditions that compare columns. The JSON beside it is what is stored; it can contain more than this form. */
export function ConditionBuilder({
  columns,
  text,
  onChange,
}: {
  columns: string[]
  /** The condition as JSON. */
  text: string
  onChange: (text: string) => void
}) {
  const { value, error } = parseJson(text)
  const conditions = error === undefined ? conditionsOf(value, columns) : undefined
  if (!conditions)
    return (
      <p className={table.hint}>
        {error === undefined
          ? 'This condition is more than comparisons of columns: edit it as JSON.'
          : 'Correct the JSON to edit the condition in the form.'}
      </p>
    )
  const set = (next: Condition[]) => onChange(prettyJson(filterFrom(next)))
  const change = (index: number, part: Partial<Condition>) =>
    set(conditions.map((condition, other) => (other === index ? { ...condition, ...part } : condition)))
  return (
    <div className={classes.conditions} role="group" aria-label="Conditions">
      {conditions.length === 0 && <p className={table.hint}>No condition: all rows.</p>}
      {conditions.map(({ column, operator, value }, index) => (
        <div key={index} className={table.row}>
          <NativeSelect
            label="Column"
            data={columns}
            value={column}
            onChange={(event) => change(index, { column: event.currentTarget.value })}
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
            aria-label={`Remove the condition on ${column}`}
            onClick={() => set(conditions.filter((_, other) => other !== index))}
          >
            Remove
          </Button>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          onClick={() =>
            set([...conditions, { column: columns[0] ?? '', operator: '_eq', value: 'X-Hasura-User-Id' }])
          }
        >
          Add condition
        </Button>
      </div>
    </div>
  )
}
