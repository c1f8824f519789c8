import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'

import { Failure } from '../../common/Failure'
import table from '../../common/table.module.css'
import { useAction } from '../../engine/context'
import { displayName, type TableName } from '../../engine/sql'
import { useDefinition } from '../../engine/useCatalog'
import { argsOf, problemsOf, type HeaderField, type TriggerFields } from './triggerForm'
import classes from './TriggerForm.module.css'
import type { Trigger } from './triggers'

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
  const [fields, setFields] = useState(initial)
  const [wasSent, setWasSent] = useState(false)
  const set = (part: Partial<TriggerFields>) => setFields({ ...fields, ...part })
  const problems = problemsOf(fields)
  const shown = wasSent ? problems : {}
  const of = tables.find((other) => displayName(other) === fields.table)
  const save = useAction(
    (engine) => engine.metadata('pg_create_event_trigger', of && argsOf(fields, of, previous)),
    () => onSaved(fields.name),
  )
  return (
    <form
      className={table.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setWasSent(true)
        if (Object.keys(problems).length === 0) save.mutate()
      }}
    >
      <TextInput
        label="Name"
        value={fields.name}
        error={shown.name}
        readOnly={previous !== undefined}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <NativeSelect
        label="Table"
        data={['', ...tables.map(displayName)]}
        value={fields.table}
        error={shown.table}
        disabled={previous !== undefined}
        onChange={(event) => set({ table: event.currentTarget.value, columns: [] })}
      />
      <fieldset className={classes.group}>
        <legend>Operations</legend>
        <Checkbox
          label="Insert"
          checked={fields.insert}
          error={shown.insert}
          onChange={(event) => set({ insert: event.currentTarget.checked })}
        />
        <Checkbox
          label="Update"
          checked={fields.update}
          onChange={(event) => set({ update: event.currentTarget.checked })}
        />
        <Checkbox
          label="Delete"
          checked={fields.delete}
          onChange={(event) => set({ delete: event.currentTarget.checked })}
        />
        <Checkbox
          label="By hand, from the console"
          checked={fields.manual}
          onChange={(event) => set({ manual: event.currentTarget.checked })}
        />
      </fieldset>
      {fields.update && of && (
        <Columns of={of} chosen={fields.columns} onChange={(columns) => set({ columns })} />
      )}
      <div className={table.row}>
        <TextInput
          style={{ flex: '1 1 16rem' }}
          label={fields.webhookFromEnvironment ? 'Variable with the address of the webhook' : 'Webhook'}
          placeholder={
            fields.webhookFromEnvironment ? 'WEBHOOK_URL' : 'https://example.com/hook or {{BASE_URL}}/hook'
          }
          value={fields.webhook}
          error={shown.webhook}
          onChange={(event) => set({ webhook: event.currentTarget.value })}
        />
        <Checkbox
          label="From the environment"
          checked={fields.webhookFromEnvironment}
          onChange={(event) => set({ webhookFromEnvironment: event.currentTarget.checked })}
        />
      </div>
      <div className={table.row}>
        <TextInput
          label="Retries"
          inputMode="numeric"
          value={fields.retries}
          error={shown.retries}
          onChange={(event) => set({ retries: event.currentTarget.value })}
        />
        <TextInput
          label="Interval of retries in seconds"
          inputMode="numeric"
          value={fields.interval}
          error={shown.interval}
          onChange={(event) => set({ interval: event.currentTarget.value })}
        />
        <TextInput
          label="Time limit in seconds"
          inputMode="numeric"
          value={fields.timeout}
          error={shown.timeout}
          onChange={(event) => set({ timeout: event.currentTarget.value })}
        />
      </div>
      <Headers headers={fields.headers} error={shown.headers} onChange={(headers) => set({ headers })} />
      <Failure error={save.error} title="The trigger was not saved" />
      <div className={table.actions}>
        <Button type="submit" loading={save.isPending}>
          {previous ? 'Save' : 'Create event trigger'}
        </Button>
      </div>
    </form>
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
    <fieldset className={classes.group}>
      <legend>Updates of these columns (none selected: all)</legend>
      {data?.columns.map(({ name }) => (
        <Checkbox
          key={name}
          label={name}
          checked={chosen.includes(name)}
          onChange={(event) =>
            onChange(
              event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name),
            )
          }
        />
      ))}
    </fieldset>
  )
}

function Headers({
  headers,
  error,
  onChange,
}: {
  headers: HeaderField[]
  error: string | undefined
  onChange: (headers: HeaderField[]) => void
}) {
  const change = (index: number, part: Partial<HeaderField>) =>
    onChange(headers.map((header, other) => (other === index ? { ...header, ...part } : header)))
  return (
    <fieldset className={classes.headers}>
      <legend>Headers</legend>
      {headers.map(({ name, value, fromEnvironment }, index) => (
        <div key={index} className={table.row}>
          <TextInput
            label="Header"
            value={name}
            onChange={(event) => change(index, { name: event.currentTarget.value })}
          />
          <TextInput
            label={fromEnvironment ? 'Variable' : 'Value'}
            value={value}
            onChange={(event) => change(index, { value: event.currentTarget.value })}
          />
          <Checkbox
            label="From the environment"
            checked={fromEnvironment}
            onChange={(event) => change(index, { fromEnvironment: event.currentTarget.checked })}
          />
          <Button
            variant="default"
            aria-label={`Remove the header ${name}`}
            onClick={() => onChange(headers.filter((_, other) => other !== index))}
          >
            Remove
          </Button>
        </div>
      ))}
      {error !== undefined && <p className={table.bad}>{error}</p>}
      <div>
        <Button
          variant="default"
          onClick={() => onChange([...headers, { name: '', value: '', fromEnvironment: false }])}
        >
          Add header
        </Button>
      </div>
    </fieldset>
  )
}
