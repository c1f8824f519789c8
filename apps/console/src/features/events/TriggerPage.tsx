import { Button } from '@mantine/core'
import { EmptyState, LoadingState, PageTitle, Panel } from '@threefactor/shared/ui'
import { Link, useLocation } from 'wouter'

import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { Scroll } from '../../common/Scroll'
import table from '../../common/table.module.css'
import { useAction } from '../../engine/context'
import { displayName } from '../../engine/sql'
import { EventsPanel } from './EventsPanel'
import { InvocationsPanel } from './InvocationsPanel'
import { operationsOf, triggerPath, useTriggers } from './triggers'

/** An event trigger: its definition, events and invocations. */
export function TriggerPage({ name }: { name: string }) {
  const triggers = useTriggers()
  const [, navigate] = useLocation()
  const trigger = triggers?.find((other) => other.name === name)
  const remove = useAction(
    (engine) => engine.metadata('pg_delete_event_trigger', { source: 'default', name }),
    () => navigate('/events'),
  )
  const cleanups = useAction((engine, paused: boolean) =>
    engine.metadata(`pg_${paused ? 'pause' : 'resume'}_event_trigger_cleanups`, {
      event_triggers: [{ source_name: 'default', event_triggers: [name] }],
    }),
  )
  if (!triggers) return <LoadingState rows={6} label="Loading the trigger" />
  if (!trigger)
    return (
      <EmptyState title="No such event trigger">
        <Link href="/events">All event triggers</Link>
      </EmptyState>
    )
  const { retry_conf: retry, headers = [], cleanup_config: cleanup } = trigger
  return (
    <>
      <PageTitle title={name}>
        <span className={table.actions}>
          <Button component={Link} href={`${triggerPath(name)}/edit`} variant="default">
            Edit
          </Button>
          <ConfirmedButton
            title={`Delete ${name}?`}
            confirm="Delete the trigger"
            onConfirm={() => remove.mutate()}
            question="Changes are no longer delivered to its webhook. Events that are pending are not delivered either."
          >
            Delete
          </ConfirmedButton>
        </span>
      </PageTitle>
      <div className={table.stack}>
        <Failure error={remove.error ?? cleanups.error} title="The trigger was not changed" />
        <Panel title="Definition">
          <Scroll label="Definition">
            <table className={table.table}>
              <tbody>
                <tr>
                  <th scope="row">Table</th>
                  <td>{displayName(trigger.table)}</td>
                </tr>
                <tr>
                  <th scope="row">On</th>
                  <td>{operationsOf(trigger)}</td>
                </tr>
                <tr>
                  <th scope="row">Webhook</th>
                  <td className={table.code}>
                    {trigger.webhook ?? `from the variable ${trigger.webhook_from_env ?? ''}`}
                  </td>
                </tr>
                <tr>
                  <th scope="row">Retries</th>
                  <td>
                    {retry?.num_retries ?? 0}, every {retry?.interval_sec ?? 10} s; time limit{' '}
                    {retry?.timeout_sec ?? 60} s
                  </td>
                </tr>
                {headers.length > 0 && (
                  <tr>
                    <th scope="row">Headers</th>
                    <td className={table.code}>
                      {headers.map(({ name, value, value_from_env }) => (
                        <div key={name}>
                          {name}: {value ?? `from the variable ${value_from_env ?? ''}`}
                        </div>
                      ))}
                    </td>
                  </tr>
                )}
                {cleanup && (
                  <tr>
                    <th scope="row">Clean-up of old events</th>
                    <td>
                      {cleanup.paused === true ? 'paused' : `schedule ${String(cleanup.schedule)}`}{' '}
                      <Button
                        variant="default"
                        loading={cleanups.isPending}
                        onClick={() => cleanups.mutate(cleanup.paused !== true)}
                      >
                        {cleanup.paused === true ? 'Resume' : 'Pause'}
                      </Button>
                    </td>
                  </tr>
                )}
              </tbody>
            </table>
          </Scroll>
        </Panel>
        <EventsPanel trigger={name} />
        <InvocationsPanel trigger={name} />
      </div>
    </>
  )
}
