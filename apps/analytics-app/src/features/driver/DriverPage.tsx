import { EmptyState, ErrorState, LoadingState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { Bike } from 'lucide-react'

import { DriverDocument, SetAutoAcceptDocument, SetAvailableDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { driver as texts } from '../../texts/driver'
import { LiveSwitch } from '../availability/LiveSwitch'
import { QueuePanel } from '../work/QueuePanel'
import { DRIVER_QUEUES, OFFERS } from '../work/queues'
import classes from './DriverPage.module.css'
import { PositionPanel } from './PositionPanel'

/** Duty, deliveries and position of one driver. */
export function DriverPage({ driver }: { driver: number }) {
  const { data, loading, error, retry } = useLive(DriverDocument, { driver })
  const own = data?.drivers_by_pk
  if (loading) return <LoadingState rows={4} label={texts.loading} />
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (!own) return <EmptyState icon={<Bike size={28} />} title={texts.noSuchDriver} />
  return (
    <>
      <PageTitle title={texts.hello(own.name)} subtitle={state(own.available, own.auto_accept)}>
        <div className={classes.duty}>
          <LiveSwitch
            target={{ id: own.id }}
            value={own.available}
            label={texts.onDuty}
            name={own.name}
            mutation={SetAvailableDocument}
            ask={(next) => (next ? undefined : texts.offDuty)}
          />
          <LiveSwitch
            target={{ id: own.id }}
            value={own.auto_accept}
            label={common.acceptAutomatically}
            name={own.name}
            mutation={SetAutoAcceptDocument}
          />
        </div>
      </PageTitle>
      <div className={classes.page}>
        <div className={classes.queues}>
          {DRIVER_QUEUES.map((queue) => (
            <QueuePanel
              key={queue.title}
              queue={queue}
              scope={{ driver }}
              hideEmpty={queue === OFFERS && own.auto_accept}
            />
          ))}
        </div>
        {own.available && <PositionPanel driver={driver} />}
      </div>
    </>
  )
}

function state(available: boolean, auto: boolean): string {
  if (!available) return texts.states.off
  return auto ? texts.states.assigned : texts.states.offered
}
