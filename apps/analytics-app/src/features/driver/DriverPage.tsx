import { EmptyState, ErrorState, LoadingState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { Bike } from 'lucide-react'

import { DriverDocument, SetAvailableDocument } from '../../gql/graphql'
import { LiveSwitch } from '../availability/LiveSwitch'
import { QueuePanel } from '../work/QueuePanel'
import { DRIVER_QUEUES } from '../work/queues'
import classes from './DriverPage.module.css'

/** Deliveries and availability of one driver. */
export function DriverPage({ driver }: { driver: number }) {
  const { data, loading, error, retry } = useLive(DriverDocument, { driver })
  const own = data?.drivers_by_pk
  if (loading) return <LoadingState rows={4} label="Loading your deliveries" />
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (!own) return <EmptyState icon={<Bike size={28} />} title="This driver does not exist" />
  return (
    <>
      <PageTitle
        title={`Hello, ${own.name}`}
        subtitle={own.available ? 'New orders are assigned to you.' : 'You get no new orders.'}
      >
        <LiveSwitch
          id={own.id}
          value={own.available}
          label="Available"
          name={own.name}
          mutation={SetAvailableDocument}
        />
      </PageTitle>
      <div className={classes.queues}>
        {DRIVER_QUEUES.map((queue) => (
          <QueuePanel key={queue.title} queue={queue} scope={{ driver }} />
        ))}
      </div>
    </>
  )
}
