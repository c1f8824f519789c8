import { EmptyState, ErrorState, LoadingState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { Bike } from 'lucide-react'

import { DriverDocument, SetAutoAcceptDocument, SetAvailableDocument } from '../../gql/graphql'
import { LiveSwitch } from '../availability/LiveSwitch'
import { QueuePanel } from '../work/QueuePanel'
import { DRIVER_QUEUES, OFFERS } from '../work/queues'
import classes from './DriverPage.module.css'
import { PositionPanel } from './PositionPanel'

/** Duty, deliveries and position of one driver. */
export function DriverPage({ driver }: { driver: number }) {
  const { data, loading, error, retry } = useLive(DriverDocument, { driver })
  const own = data?.drivers_by_pk
  if (loading) return <LoadingState rows={4} label="Loading your deliveries" />
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (!own) return <EmptyState icon={<Bike size={28} />} title="This driver does not exist" />
  return (
    <>
      <PageTitle title={`Hello, ${own.name}`} subtitle={state(own.available, own.auto_accept)}>
        <div className={classes.duty}>
          <LiveSwitch
            target={{ id: own.id }}
            value={own.available}
            label="On duty"
            name={own.name}
            mutation={SetAvailableDocument}
            ask={(next) => (next ? undefined : OFF_DUTY)}
          />
          <LiveSwitch
            target={{ id: own.id }}
            value={own.auto_accept}
            label="Accept automatically"
            name={own.name}
            mutation={SetAutoAcceptDocument}
          />
        </div>
      </PageTitle>
      <div className={classes.queues}>
        {DRIVER_QUEUES.map((queue) => (
          <QueuePanel
            key={queue.title}
            queue={queue}
            scope={{ driver }}
            hideEmpty={queue === OFFERS && own.auto_accept}
          />
        ))}
        {own.available && <PositionPanel driver={driver} />}
      </div>
    </>
  )
}

const OFF_DUTY = {
  title: 'Go off duty?',
  confirm: 'Go off duty',
  text: 'Orders that you have not picked up go to other drivers. Those on the way stay yours.',
}

function state(available: boolean, auto: boolean): string {
  if (!available) return 'Off duty: you get no new orders.'
  return auto ? 'New orders are assigned to you.' : 'New orders are offered to you.'
}
