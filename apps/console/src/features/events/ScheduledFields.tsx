import { TextInput } from '@mantine/core'

import { JsonField } from '../../common/JsonField'
import table from '../../common/table.module.css'
import { headersProblem } from './headerFields'
import { Headers } from './Headers'
import { RETRY_FIELDS, numberProblem, type ScheduledContent } from './scheduled'
import { WebhookField } from './WebhookField'

/** Fields that cron triggers and one-off events share: request and retries. */
export function ScheduledFields({
  fields,
  onChange,
}: {
  fields: ScheduledContent
  onChange: (part: Partial<ScheduledContent>) => void
}) {
  return (
    <>
      <WebhookField fields={fields} onChange={onChange} />
      <div className={table.fields}>
        {RETRY_FIELDS.map(({ field, label }) => (
          <TextInput
            key={field}
            label={label}
            inputMode="numeric"
            value={fields[field]}
            error={numberProblem(fields[field])}
            onChange={(event) => onChange({ [field]: event.currentTarget.value })}
          />
        ))}
      </div>
      <Headers
        headers={fields.headers}
        error={headersProblem(fields.headers)}
        onChange={(headers) => onChange({ headers })}
      />
      <JsonField
        label="Payload (JSON)"
        rows={3}
        value={fields.payload}
        onChange={(payload) => onChange({ payload })}
      />
    </>
  )
}
