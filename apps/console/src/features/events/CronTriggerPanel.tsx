import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Panel, clockTime } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ConfirmedButton } from '../../common/Confirmed'
import { Details } from '../../common/Details'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { ShowMore } from '../../common/ShowMore'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useAction, useEngine } from '../../engine/context'
import type { CronTrigger } from '../../engine/metadata'
import { CronForm } from './CronForm'
import { Invocations } from './Invocations'
import { STATUS_TEXTS, webhookText, type ScheduledEvent } from './scheduled'
import { eventsSql, invocationsOf } from './scheduledEvents'

/** Number of coming events that are listed. */
const COMING = 3
/** Number of past events of the list at first, and of those that are loaded more. */
const STEP = 20

/** A cron trigger: its definition, its events and the calls of its webhook. */
export function CronTriggerPanel({ trigger }: { trigger: CronTrigger }) {
  const { name, schedule, timezone, webhook, comment } = trigger
  const [isEdited, setIsEdited] = useState(false)
  const remove = useAction((engine) => engine.metadata('delete_cron_trigger', { name }))
  return (
    <Panel
      title={name}
      aside={
        <span className={table.actions}>
          {!isEdited && (
            <Button variant="default" aria-label={`Edit ${name}`} onClick={() => setIsEdited(true)}>
              Edit
            </Button>
          )}
          <ConfirmedButton
            label={`Delete ${name}`}
            title={`Delete ${name}?`}
            confirm="Delete the cron trigger"
            onConfirm={() => remove.mutate()}
            question="Its webhook is no longer called."
          >
            Delete
          </ConfirmedButton>
        </span>
      }
    >
      <div className={table.stack}>
        <Failure error={remove.error} title="The cron trigger was not deleted" />
        {isEdited ? (
          <CronForm
            previous={trigger}
            onSaved={() => setIsEdited(false)}
            onCancel={() => setIsEdited(false)}
          />
        ) : (
          <p className={table.hint}>
            {comment ? `${comment} ` : ''}
            <span className={table.code}>
              {schedule}
              {timezone === undefined ? '' : ` (${timezone})`}
            </span>{' '}
            → <span className={table.code}>{webhookText(webhook)}</span>
          </p>
        )}
        <Events trigger={name} />
        <Details summary="Calls of the webhook">
          <Invocations of={['cron', name]} read={invocationsOf({ type: 'cron', trigger_name: name })} />
        </Details>
      </div>
    </Panel>
  )
}

function Events({ trigger }: { trigger: string }) {
  const engine = useEngine()
  const [limit, setLimit] = useState(STEP)
  const events = useQuery({
    queryKey: ['cron-events', trigger, limit],
    queryFn: async () => {
      const [coming, past] = await Promise.all([
        engine.json<ScheduledEvent[]>(eventsSql(trigger, 'pending', COMING)),
        engine.json<ScheduledEvent[]>(eventsSql(trigger, 'past', limit)),
      ])
      return { coming: coming.reverse(), past }
    },
    placeholderData: keepPreviousData,
  })
  return (
    <Loaded query={events} label="Loading its events">
      {({ coming, past }) => (
        <>
          <Table label="Events of the trigger" columns={['Time', 'State', { name: 'Tries', kind: 'number' }]}>
            {[...coming, ...past].map(({ id, scheduled_time, status, tries }) => (
              <tr key={id}>
                <td>{clockTime(scheduled_time)}</td>
                <td {...((status === 'error' || status === 'dead') && { className: table.bad })}>
                  {STATUS_TEXTS[status]}
                </td>
                <td className={table.number}>{tries}</td>
              </tr>
            ))}
          </Table>
          <ShowMore shown={past.length} limit={limit} step={STEP} onMore={setLimit} />
        </>
      )}
    </Loaded>
  )
}
