import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { EmptyState, LoadingState, PageTitle, Panel, clockTime } from '@threefactor/shared/ui'

import { ActionForm } from '../../common/ActionForm'
import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction, useEngine, useMetadata } from '../../engine/context'
import type { CronTrigger } from '../../engine/metadata'
import { NEW_CONTENT, STATUS_TEXTS, contentArgs, isComplete, type ScheduledEvent } from './scheduled'
import { ScheduledFields } from './ScheduledFields'

/** Number of events of a list. */
const MAX_EVENTS = 20

/** Cron triggers with their events. */
export function CronPage() {
  const { data } = useMetadata()
  const engine = useEngine()
  const triggers = useQuery({
    queryKey: ['cron-triggers', data?.resource_version ?? null],
    queryFn: () => engine.metadata<{ cron_triggers: CronTrigger[] }>('get_cron_triggers'),
  })
  return (
    <>
      <PageTitle
        title="Cron triggers"
        subtitle="Webhooks that are called by the clock. Times are UTC unless the trigger has a time zone."
      />
      <div className={table.stack}>
        <Loaded query={triggers} label="Loading the cron triggers">
          {({ cron_triggers: list }) =>
            list.length === 0 ? (
              <EmptyState title="No cron triggers yet" />
            ) : (
              list.map((trigger) => <CronTriggerPanel key={trigger.name} trigger={trigger} />)
            )
          }
        </Loaded>
        <NewCronTrigger />
      </div>
    </>
  )
}

function CronTriggerPanel({ trigger }: { trigger: CronTrigger }) {
  const engine = useEngine()
  const remove = useAction((engine) => engine.metadata('delete_cron_trigger', { name: trigger.name }))
  const events = useQuery({
    queryKey: ['cron-events', trigger.name],
    queryFn: async () => {
      const read = (status: string[]) =>
        engine.metadata<{ events: ScheduledEvent[] }>('get_scheduled_events', {
          type: 'cron',
          trigger_name: trigger.name,
          status,
          limit: MAX_EVENTS,
        })
      const [next, past] = await Promise.all([read(['scheduled']), read(['delivered', 'error', 'dead'])])
      return { next: next.events.slice(0, 3), past: past.events }
    },
  })
  return (
    <Panel
      title={trigger.name}
      aside={
        <ConfirmedButton
          title={`Delete ${trigger.name}?`}
          confirm="Delete the cron trigger"
          onConfirm={() => remove.mutate()}
          question="Its webhook is no longer called."
        >
          Delete
        </ConfirmedButton>
      }
    >
      <div className={table.stack}>
        <Failure error={remove.error} title="The cron trigger was not deleted" />
        <p className={table.hint}>
          {trigger.comment ?? ''} <span className={table.code}>{trigger.schedule}</span> →{' '}
          <span className={table.code}>{trigger.webhook}</span>
        </p>
        {events.isPending && <LoadingState rows={1} label="Loading its events" />}
        <Failure error={events.error} title="Could not read its events" />
        {events.data && <Events {...events.data} />}
      </div>
    </Panel>
  )
}

function Events({ next, past }: { next: ScheduledEvent[]; past: ScheduledEvent[] }) {
  return (
    <Table label="Events of the trigger" columns={['Time', 'State', { name: 'Tries', kind: 'number' }]}>
      {[...past, ...next].map(({ id, scheduled_time, status, tries }) => (
        <tr key={id}>
          <td>{clockTime(scheduled_time)}</td>
          <td {...((status === 'error' || status === 'dead') && { className: table.bad })}>
            {STATUS_TEXTS[status]}
          </td>
          <td className={table.number}>{tries}</td>
        </tr>
      ))}
    </Table>
  )
}

function NewCronTrigger() {
  const { fields, set, text, reset } = useFields({ ...NEW_CONTENT, name: '', schedule: '', comment: '' })
  const create = useAction(
    (engine) =>
      engine.metadata('create_cron_trigger', {
        name: fields.name.trim(),
        schedule: fields.schedule.trim(),
        ...contentArgs(fields),
        include_in_metadata: true,
        ...(fields.comment.trim() !== '' && { comment: fields.comment.trim() }),
      }),
    reset,
  )
  return (
    <Panel title="New cron trigger">
      <ActionForm
        action={create}
        submit="Create cron trigger"
        failure="The cron trigger was not created"
        isSecondary
        disabled={fields.name.trim() === '' || fields.schedule.trim() === '' || !isComplete(fields)}
      >
        <div className={table.row}>
          <TextInput label="Name" {...text('name')} />
          <TextInput label="Schedule" placeholder="*/5 * * * *" {...text('schedule')} />
          <TextInput label="Webhook" className={table.wide} {...text('webhook')} />
        </div>
        <TextInput label="Comment" {...text('comment')} />
        <ScheduledFields fields={fields} onChange={set} />
      </ActionForm>
    </Panel>
  )
}
