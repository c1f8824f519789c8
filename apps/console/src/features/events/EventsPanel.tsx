import { Button, Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { counted } from '../../common/counted'
import { ConfirmedButton } from '../../common/Confirmed'
import { Empty } from '../../common/Empty'
import { Failure } from '../../common/Failure'
import { JsonDetails } from '../../common/JsonDetails'
import { Loaded } from '../../common/Loaded'
import { ShowMore } from '../../common/ShowMore'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useAction, useEngine } from '../../engine/context'
import { STATES, eventsOf, type EventRow, type State } from './eventLog'
import { StateSwitch } from './StateSwitch'
import { utcTime } from './time'

/** Number of events of the list at first, and of those that are loaded more. */
const STEP = 100

/** Events of a trigger by state: redelivered and cancelled, one or many. */
export function EventsPanel({ trigger }: { trigger: string }) {
  const engine = useEngine()
  const [state, setState] = useState<State>('pending')
  const [limit, setLimit] = useState(STEP)
  const [chosen, setChosen] = useState<string[]>([])
  const events = useQuery({
    queryKey: ['events', trigger, state, limit],
    queryFn: () => engine.json<EventRow[]>(eventsOf(trigger, state, limit)),
    placeholderData: (shown, query) => (query?.queryKey[2] === state ? shown : undefined),
    refetchInterval: 3000,
  })
  const redeliver = useAction(
    (engine, ids: string[]) => engine.metadata('pg_redeliver_event', { event_ids: ids }),
    () => setChosen([]),
  )
  const redeliverAll = useAction((engine) =>
    engine.metadata('pg_redeliver_event', { trigger_name: trigger, status: 'failed' }),
  )
  const cancel = useAction(
    (engine, ids: string[]) => engine.metadata('pg_cancel_event', { event_ids: ids }),
    () => setChosen([]),
  )
  const select = (next: State) => {
    setState(next)
    setLimit(STEP)
    setChosen([])
  }
  return (
    <Panel title="Events" aside={<StateSwitch labels={STATES} state={state} onChange={select} />}>
      <div className={table.stack}>
        <Failure
          error={redeliver.error ?? redeliverAll.error ?? cancel.error}
          title="The events were not changed"
        />
        <Loaded query={events} label="Loading the events">
          {(list) => {
            const selected = chosen.filter((id) => list.some((event) => event.id === id))
            return list.length === 0 ? (
              <Empty title={`No ${STATES[state].toLowerCase()} events`} />
            ) : (
              <>
                <div className={table.row}>
                  <Checkbox
                    label={
                      selected.length === 0 ? 'Select all' : `${counted(selected.length, 'event')} selected`
                    }
                    checked={selected.length === list.length}
                    indeterminate={selected.length > 0 && selected.length < list.length}
                    onChange={(event) =>
                      setChosen(event.currentTarget.checked ? list.map(({ id }) => id) : [])
                    }
                  />
                  {state === 'pending' ? (
                    <ConfirmedButton
                      disabled={selected.length === 0}
                      title={`Cancel ${counted(selected.length, 'event')}?`}
                      confirm="Cancel the events"
                      dismiss="Keep them"
                      onConfirm={() => cancel.mutate(selected)}
                      question="They are not delivered then."
                    >
                      Cancel selected
                    </ConfirmedButton>
                  ) : (
                    <Button
                      variant="default"
                      disabled={selected.length === 0}
                      loading={redeliver.isPending}
                      onClick={() => redeliver.mutate(selected)}
                    >
                      Redeliver selected
                    </Button>
                  )}
                  {state === 'failed' && (
                    <ConfirmedButton
                      title="Redeliver all failed events of this trigger?"
                      confirm="Redeliver all"
                      onConfirm={() => redeliverAll.mutate()}
                      question="Those that are not listed are included."
                    >
                      Redeliver all failed
                    </ConfirmedButton>
                  )}
                </div>
                <Table
                  label="List of events"
                  columns={['Select', 'Event', 'Created', { name: 'Tries', kind: 'number' }, 'Payload']}
                >
                  {list.map((event) => (
                    <tr key={event.id} data-event={event.id}>
                      <td>
                        <Checkbox
                          aria-label={`Select event ${event.id}`}
                          checked={chosen.includes(event.id)}
                          onChange={({ currentTarget }) =>
                            setChosen(
                              currentTarget.checked
                                ? [...chosen, event.id]
                                : chosen.filter((other) => other !== event.id),
                            )
                          }
                        />
                      </td>
                      <td className={table.code}>{event.id}</td>
                      <td>{utcTime(event.created_at)}</td>
                      <td className={table.number}>{event.tries}</td>
                      <td>
                        <JsonDetails summary="Payload" values={[event.payload]} />
                      </td>
                    </tr>
                  ))}
                </Table>
                <ShowMore shown={list.length} limit={limit} step={STEP} onMore={setLimit} />
              </>
            )
          }}
        </Loaded>
      </div>
    </Panel>
  )
}
