import { SegmentedControl, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { EmptyState, PageTitle, Panel, clockTime } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../common/ActionForm'
import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { prettyJson } from '../../common/json'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction, useEngine } from '../../engine/context'
import { NEW_CONTENT, STATUS_TEXTS, contentArgs, isComplete, type ScheduledEvent } from './scheduled'
import { ScheduledFields } from './ScheduledFields'

/** Number of events of a list. */
const MAX_EVENTS = 100

const STATES = { pending: ['scheduled', 'locked'], past: ['delivered', 'error', 'dead'] }
type State = keyof typeof STATES

/** Events for one time each. */
export function OneOffPage() {
  const engine = useEngine()
  const [state, setState] = useState<State>('pending')
  const events = useQuery({
    queryKey: ['one-off', state],
    queryFn: () =>
      engine.metadata<{ events: ScheduledEvent[] }>('get_scheduled_events', {
        type: 'one_off',
        status: STATES[state],
        limit: MAX_EVENTS,
      }),
    refetchInterval: 5000,
  })
  const cancel = useAction((engine, id: string) =>
    engine.metadata('delete_scheduled_event', { type: 'one_off', event_id: id }),
  )
  return (
    <>
      <PageTitle title="One-off events" subtitle="Calls of a webhook at one time each." />
      <div className={table.stack}>
        <Panel
          title="Events"
          aside={
            <SegmentedControl
              aria-label="State of the events"
              value={state}
              onChange={(value) => setState(value)}
              data={[
                { value: 'pending', label: 'Pending' },
                { value: 'past', label: 'Past' },
              ]}
            />
          }
        >
          <Failure error={cancel.error} title="The event was not cancelled" />
          <Loaded query={events} label="Loading the events">
            {({ events }) =>
              events.length === 0 ? (
                <EmptyState title="No events" />
              ) : (
                <Table label="List of events" columns={['Time', 'State', 'Webhook and payload']} hasActions>
                  {events.map(({ id, scheduled_time, status, comment, payload, webhook_conf }) => (
                    <tr key={id}>
                      <td>{clockTime(scheduled_time)}</td>
                      <td>{STATUS_TEXTS[status]}</td>
                      <td>
                        {comment} <span className={table.code}>{webhook_conf}</span>
                        <details>
                          <summary>Payload</summary>
                          <pre className={table.block}>{prettyJson(payload)}</pre>
                        </details>
                      </td>
                      <td>
                        {status === 'scheduled' && (
                          <span className={table.actions}>
                            <ConfirmedButton
                              title="Cancel this event?"
                              confirm="Cancel the event"
                              dismiss="Keep it"
                              onConfirm={() => cancel.mutate(id)}
                            >
                              Cancel
                            </ConfirmedButton>
                          </span>
                        )}
                      </td>
                    </tr>
                  ))}
                </Table>
              )
            }
          </Loaded>
        </Panel>
        <NewEvent />
      </div>
    </>
  )
}

function NewEvent() {
  const { fields, set, text } = useFields({ ...NEW_CONTENT, at: '' })
  const create = useAction(
    (engine) =>
      engine.metadata('create_scheduled_event', {
        // The field has the time of the browser's zone.
        schedule_at: new Date(fields.at).toISOString(),
        ...contentArgs(fields),
      }),
    () => set({ at: '' }),
  )
  return (
    <Panel title="New one-off event">
      <ActionForm
        action={create}
        submit="Create event"
        failure="The event was not created"
        isSecondary
        disabled={fields.at === '' || !isComplete(fields)}
      >
        <div className={table.row}>
          <TextInput type="datetime-local" label="Time" step={1} {...text('at')} />
          <TextInput label="Webhook" className={table.wide} {...text('webhook')} />
        </div>
        <ScheduledFields fields={fields} onChange={set} />
      </ActionForm>
    </Panel>
  )
}
