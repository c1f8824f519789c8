import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { PageTitle, Panel, clockTime } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../common/ActionForm'
import { ConfirmedButton } from '../../common/Confirmed'
import { Details } from '../../common/Details'
import { Failure } from '../../common/Failure'
import { JsonDetails } from '../../common/JsonDetails'
import { Loaded } from '../../common/Loaded'
import { ShowMore } from '../../common/ShowMore'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction, useEngine } from '../../engine/context'
import { Invocations } from './Invocations'
import {
  NEW_CONTENT,
  STATUS_TEXTS,
  contentArgs,
  isComplete,
  webhookText,
  type ScheduledEvent,
} from './scheduled'
import { eventsSql, invocationsOf, type State } from './scheduledEvents'
import { ScheduledFields } from './ScheduledFields'
import { StateSwitch } from './StateSwitch'

/** Number of events of the list at first, and of those that are loaded more. */
const STEP = 100

/** Events for one time each. */
export function OneOffPage() {
  const engine = useEngine()
  const [state, setState] = useState<State>('pending')
  const [limit, setLimit] = useState(STEP)
  const events = useQuery({
    queryKey: ['one-off', state, limit],
    queryFn: () => engine.json<ScheduledEvent[]>(eventsSql(undefined, state, limit)),
    placeholderData: (shown, query) => (query?.queryKey[1] === state ? shown : undefined),
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
            <StateSwitch
              labels={{ pending: 'Pending', past: 'Past' }}
              state={state}
              onChange={(next) => {
                setState(next)
                setLimit(STEP)
              }}
            />
          }
        >
          <Failure error={cancel.error} title="The event was not cancelled" />
          <Loaded query={events} label="Loading the events">
            {(events) => (
              <div className={table.stack}>
                <Table
                  label="List of events"
                  columns={['Time', 'State', 'Webhook and payload']}
                  hasActions
                  empty="No events"
                >
                  {events.map(({ id, scheduled_time, status, comment, payload, webhook_conf }) => (
                    <tr key={id}>
                      <td>{clockTime(scheduled_time)}</td>
                      <td>{STATUS_TEXTS[status]}</td>
                      <td>
                        {comment}{' '}
                        <span className={table.code}>{webhook_conf && webhookText(webhook_conf)}</span>
                        <JsonDetails summary="Payload" values={[payload]} />
                        {status !== 'scheduled' && (
                          <Details summary="Calls of the webhook">
                            <Invocations
                              of={['one-off', id]}
                              read={invocationsOf({ type: 'one_off', event_id: id })}
                            />
                          </Details>
                        )}
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
                <ShowMore shown={events.length} limit={limit} step={STEP} onMore={setLimit} />
              </div>
            )}
          </Loaded>
        </Panel>
        <NewEvent />
      </div>
    </>
  )
}

function NewEvent() {
  const { fields, set, text } = useFields({ ...NEW_CONTENT, at: '', comment: '' })
  const create = useAction(
    (engine) =>
      engine.metadata('create_scheduled_event', {
        // The field has the time of the browser's zone.
        schedule_at: new Date(fields.at).toISOString(),
        ...contentArgs(fields),
        ...(fields.comment.trim() !== '' && { comment: fields.comment.trim() }),
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
        <div className={table.fields}>
          <TextInput type="datetime-local" label="Time" step={1} {...text('at')} />
          <TextInput label="Comment" {...text('comment')} />
        </div>
        <ScheduledFields fields={fields} onChange={set} />
      </ActionForm>
    </Panel>
  )
}
