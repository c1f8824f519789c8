import { Button } from '@mantine/core'
import { Notice, PageTitle, Panel } from '@threefactor/shared/ui'
import { Link, useLocation } from 'wouter'

import { ConfirmedButton } from '../../common/Confirmed'
import { Facts } from '../../common/Facts'
import { Failure } from '../../common/Failure'
import table from '../../common/table.module.css'
import { useAction, useMetadata } from '../../engine/context'
import { servedSource } from '../../engine/metadata'
import { displayName } from '../../engine/sql'
import { EventsPanel } from './EventsPanel'
import { InvocationsPanel } from './InvocationsPanel'
import { InvokePanel } from './InvokePanel'
import { NoTrigger } from './NoTrigger'
import { argsOf, fieldsOf } from './triggerForm'
import { operationsOf, triggerPath, useTriggers } from './triggers'

/** An event trigger: its definition, events and invocations. */
export function TriggerPage({ name }: { name: string }) {
  const triggers = useTriggers()
  const { data } = useMetadata()
  const [, navigate] = useLocation()
  const trigger = triggers?.find((other) => other.name === name)
  const remove = useAction(
    (engine) => engine.metadata('pg_delete_event_trigger', { name }),
    () => navigate('/events'),
  )
  const delivery = useAction((engine, paused: boolean) =>
    engine.metadata(
      'pg_create_event_trigger',
      trigger && { ...argsOf(fieldsOf(trigger), trigger.table, trigger), paused },
    ),
  )
  const cleanups = useAction((engine, paused: boolean) =>
    engine.metadata(`pg_${paused ? 'pause' : 'resume'}_event_trigger_cleanups`, {
      event_triggers: [{ source_name: data && servedSource(data.metadata)?.name, event_triggers: [name] }],
    }),
  )
  if (!trigger) return <NoTrigger label="Loading the trigger" />
  const { retry_conf: retry, headers = [], cleanup_config: cleanup } = trigger
  return (
    <>
      <PageTitle title={name}>
        <span className={table.actions}>
          {trigger.paused === true ? (
            <Button loading={delivery.isPending} onClick={() => delivery.mutate(false)}>
              Resume delivery
            </Button>
          ) : (
            <ConfirmedButton
              loading={delivery.isPending}
              title={`Pause the delivery of ${name}?`}
              confirm="Pause delivery"
              onConfirm={() => delivery.mutate(true)}
              question="Changes are still recorded as events. They are pending until the delivery is resumed."
            >
              Pause delivery
            </ConfirmedButton>
          )}
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
        <Failure
          error={remove.error ?? delivery.error ?? cleanups.error}
          title="The trigger was not changed"
        />
        {trigger.paused === true && (
          <Notice tone="waiting" title="The delivery is paused">
            Events are recorded, and pending until the delivery is resumed.
          </Notice>
        )}
        <Panel title="Definition">
          <Facts
            label="Definition"
            facts={[
              { name: 'Table', value: displayName(trigger.table) },
              { name: 'On', value: operationsOf(trigger) },
              {
                name: 'Webhook',
                value: (
                  <span className={table.code}>
                    {trigger.webhook ?? `from the variable ${trigger.webhook_from_env ?? ''}`}
                  </span>
                ),
              },
              {
                name: 'Retries',
                value: `${retry?.num_retries ?? 0}, every ${retry?.interval_sec ?? 10} s; time limit ${retry?.timeout_sec ?? 60} s`,
              },
              ...(headers.length > 0
                ? [
                    {
                      name: 'Headers',
                      value: headers.map(({ name, value, value_from_env }) => (
                        <div key={name} className={table.code}>
                          {name}: {value ?? `from the variable ${value_from_env ?? ''}`}
                        </div>
                      )),
                    },
                  ]
                : []),
              ...(cleanup
                ? [
                    {
                      name: 'Clean-up of old events',
                      value: cleanup.paused === true ? 'paused' : `schedule ${String(cleanup.schedule)}`,
                      actions: (
                        <Button
                          variant="default"
                          loading={cleanups.isPending}
                          onClick={() => cleanups.mutate(cleanup.paused !== true)}
                        >
                          {cleanup.paused === true ? 'Resume the clean-up' : 'Pause the clean-up'}
                        </Button>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        </Panel>
        <EventsPanel trigger={name} />
        <InvocationsPanel trigger={name} />
        {trigger.definition.enable_manual === true && <InvokePanel trigger={name} />}
      </div>
    </>
  )
}
