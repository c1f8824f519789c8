import { Button, Checkbox, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { EmptyState, Panel, clockTime } from '@threefactor/shared/ui'
import { useState } from 'react'

import { counted } from '../../common/counted'
import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { prettyJson } from '../../common/json'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useAction, useEngine } from '../../engine/context'
import { literal } from '../../engine/sql'

/** Number of events of a list. */
const MAX_EVENTS = 100

const STATES = {
  pending: { label: 'Pending', condition: 'NOT delivered AND NOT error', order: 'created_at' },
  delivered: { label: 'Delivered', condition: 'delivered', order: 'created_at DESC' },
  failed: { label: 'Failed', condition: 'error', order: 'created_at DESC' },
} as const
type State = keyof typeof STATES

interface EventRow {
  id: string
  created_at: string
  tries: number
  next_retry_at: string | null
  payload: unknown
}

/** Events of a trigger by state: redelivered and cancelled, one or many. */
export function EventsPanel({ trigger }: { trigger: string }) {
  const engine = useEngine()
  const [state, setState] = useState<State>('pending')
  const [chosen, setChosen] = useState<string[]>([])
  const { condition, order } = STATES[state]
  const events = useQuery({
    queryKey: ['events', trigger, state],
    queryFn: () =>
      engine.json<EventRow[]>(
        `SELECT coalesce(json_agg(e), '[]') FROM (SELECT id, created_at, tries, next_retry_at, coalesce(exact_payload, payload::json) AS payload
         FROM hdb_catalog.event_log WHERE trigger_name = ${literal(trigger)} AND ${condition} AND NOT archived
         ORDER BY ${order}, id LIMIT ${MAX_EVENTS}) e`,
      ),
    refetchInterval: 3000,
  })
  const redeliver = useAction(
    (engine, ids: string[]) => engine.metadata('pg_redeliver_event', { source: 'default', event_ids: ids }),
    () => setChosen([]),
  )
  const redeliverAll = useAction((engine) =>
    engine.metadata('pg_redeliver_event', { source: 'default', trigger_name: trigger, status: 'failed' }),
  )
  const cancel = useAction(
    (engine, ids: string[]) => engine.metadata('pg_cancel_event', { source: 'default', event_ids: ids }),
    () => setChosen([]),
  )
  const select = (next: State) => {
    setState(next)
    setChosen([])
  }
  return (
    <Panel
      title="Events"
      aside={
        <SegmentedControl
          aria-label="State of the events"
          value={state}
          onChange={(value) => select(value)}
          data={(Object.keys(STATES) as State[]).map((value) => ({ value, label: STATES[value].label }))}
        />
      }
    >
      <div className={table.stack}>
        <Failure
          error={redeliver.error ?? redeliverAll.error ?? cancel.error}
          title="The events were not changed"
        />
        <Loaded query={events} label="Loading the events">
          {(list) => {
            const selected = chosen.filter((id) => list.some((event) => event.id === id))
            return list.length === 0 ? (
              <EmptyState title={`No ${STATES[state].label.toLowerCase()} events`} />
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
                        <details>
                          <summary>Payload</summary>
                          <pre className={table.block}>{prettyJson(event.payload)}</pre>
                        </details>
                      </td>
                    </tr>
                  ))}
                </Table>
                {list.length === MAX_EVENTS && <p className={table.hint}>{MAX_EVENTS} events are listed.</p>}
              </>
            )
          }}
        </Loaded>
      </div>
    </Panel>
  )
}

/** Time of the event log, which has no zone: it is UTC. */
export function utcTime(text: string): string {
  return clockTime(/[Zz]|[+-]\d\d(:?\d\d)?$/.test(text) ? text : `${text}Z`)
}
