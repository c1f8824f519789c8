import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'

import { ActionForm } from '../../common/ActionForm'
import { Choices } from '../../common/Choices'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction } from '../../engine/context'
import { displayName, type TableName } from '../../engine/sql'
import { useDefinition } from '../../engine/useCatalog'
import { Headers } from './Headers'
import { argsOf, problemsOf, type TriggerFields } from './triggerForm'
import classes from './TriggerForm.module.css'
import type { Trigger } from './triggers'
import { WebhookField } from './WebhookField'

/** Form of an event trigger. */
export function TriggerForm({
  initial,
  previous,
  tables,
  onSaved,
}: {
  initial: TriggerFields
  previous: Trigger | undefined
  tables: TableName[]
  onSaved: (name: string) => void
}) {
  const { fields, set, text, check } = useFields(initial)
  const [wasSent, setWasSent] = useState(false)
  const problems = problemsOf(fields)
  const shown = wasSent ? problems : {}
  const of = tables.find((other) => displayName(other) === fields.table)
  const save = useAction(
    (engine) => engine.metadata('pg_create_event_trigger', of && argsOf(fields, of, previous)),
    () => onSaved(fields.name),
  )
  return (
    <ActionForm
      action={save}
      submit={previous ? 'Save' : 'Create event trigger'}
      failure="The trigger was not saved"
      onSubmit={() => {
        setWasSent(true)
        if (Object.keys(problems).length === 0) save.mutate()
      }}
    >
      <div className={table.fields}>
        <TextInput label="Name" {...text('name')} error={shown.name} readOnly={previous !== undefined} />
        <NativeSelect
          label="Table"
          data={['', ...tables.map(displayName)]}
          value={fields.table}
          error={shown.table}
          disabled={previous !== undefined}
          onChange={(event) => set({ table: event.currentTarget.value, columns: [] })}
        />
      </div>
      <fieldset className={classes.group}>
        <legend>Operations</legend>
        <Checkbox label="Insert" {...check('insert')} error={shown.insert} />
        <Checkbox label="Update" {...check('update')} />
        <Checkbox label="Delete" {...check('delete')} />
        <Checkbox label="By hand, from the console" {...check('manual')} />
      </fieldset>
      {fields.update && of && (
        <Columns of={of} chosen={fields.columns} onChange={(columns) => set({ columns })} />
      )}
      <WebhookField fields={fields} error={shown.webhook} onChange={set} />
      <div className={table.fields}>
        <TextInput label="Retries" inputMode="numeric" {...text('retries')} error={shown.retries} />
        <TextInput
          label="Interval of retries in seconds"
          inputMode="numeric"
          {...text('interval')}
          error={shown.interval}
        />
        <TextInput
          label="Time limit in seconds"
          inputMode="numeric"
          {...text('timeout')}
          error={shown.timeout}
        />
      </div>
      <Headers headers={fields.headers} error={shown.headers} onChange={(headers) => set({ headers })} />
    </ActionForm>
  )
}

function Columns({
  of,
  chosen,
  onChange,
}: {
  of: TableName
  chosen: string[]
  onChange: (columns: string[]) => void
}) {
  const { data } = useDefinition(of)
  return (
    <Choices
      legend="Updates of these columns (none selected: all)"
      options={data?.columns.map(({ name }) => name) ?? []}
      chosen={chosen}
      onChange={onChange}
    />
  )
}
