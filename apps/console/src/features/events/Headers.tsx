import { Button, Checkbox, TextInput } from '@mantine/core'

import table from '../../common/table.module.css'
import classes from './TriggerForm.module.css'
import type { HeaderField } from './headerFields'

/** Headers of the requests to a webhook. */
export function Headers({
  headers,
  error,
  onChange,
}: {
  headers: HeaderField[]
  error?: string | undefined
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
