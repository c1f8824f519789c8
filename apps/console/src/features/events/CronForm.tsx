import { TextInput } from '@mantine/core'

import { ActionForm } from '../../common/ActionForm'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction } from '../../engine/context'
import type { CronTrigger } from '../../engine/metadata'
import { NEW_CRON, cronArgs, cronFieldsOf, isComplete } from './scheduled'
import { ScheduledFields } from './ScheduledFields'

/** Form for a new cron trigger, or for one that exists. */
export function CronForm({
  previous,
  onSaved,
  onCancel,
}: {
  previous?: CronTrigger
  onSaved?: () => void
  onCancel?: () => void
}) {
  const { fields, set, text, reset } = useFields(previous ? cronFieldsOf(previous) : NEW_CRON)
  const save = useAction(
    (engine) => engine.metadata('create_cron_trigger', cronArgs(fields, previous)),
    onSaved ?? reset,
  )
  return (
    <ActionForm
      action={save}
      submit={previous ? 'Save cron trigger' : 'Create cron trigger'}
      failure={previous ? 'The cron trigger was not changed' : 'The cron trigger was not created'}
      isSecondary={!previous}
      disabled={fields.name.trim() === '' || fields.schedule.trim() === '' || !isComplete(fields)}
      {...(onCancel && { onCancel })}
    >
      <div className={table.fields}>
        <TextInput label="Name" readOnly={previous !== undefined} {...text('name')} />
        <TextInput label="Schedule" placeholder="*/5 * * * *" {...text('schedule')} />
        <TextInput label="Time zone" placeholder="UTC" {...text('timezone')} />
        <TextInput label="Comment" {...text('comment')} />
      </div>
      <ScheduledFields fields={fields} onChange={set} />
    </ActionForm>
  )
}
