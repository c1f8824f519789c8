import { TextInput } from '@mantine/core'

import { JsonField } from '../../common/JsonField'
import table from '../../common/table.module.css'
import { headersProblem } from './headerFields'
import { Headers } from './Headers'
import { scheduledProblem, type ScheduledContent } from './scheduled'

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
      <div className={table.row}>
        <TextInput
          label="Retries"
          inputMode="numeric"
          value={fields.retries}
          error={scheduledProblem({ ...fields, headers: [] })}
          onChange={(event) => onChange({ retries: event.currentTarget.value })}
        />
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
