import { useQuery } from '@tanstack/react-query'
import { EmptyState, PageTitle, Panel } from '@threefactor/shared/ui'

import { Loaded } from '../../common/Loaded'
import table from '../../common/table.module.css'
import { useEngine, useMetadata } from '../../engine/context'
import type { CronTrigger } from '../../engine/metadata'
import { CronForm } from './CronForm'
import { CronTriggerPanel } from './CronTriggerPanel'

/** Cron triggers with their events. */
export function CronPage() {
  const { data } = useMetadata()
  const engine = useEngine()
  const triggers = useQuery({
    queryKey: ['cron-triggers', data?.resource_version ?? null],
    queryFn: () => engine.metadata<{ cron_triggers: CronTrigger[] }>('get_cron_triggers'),
  })
  return (
    <>
      <PageTitle
        title="Cron triggers"
        subtitle="Webhooks that are called by the clock. Times are UTC unless the trigger has a time zone."
      />
      <div className={table.stack}>
        <Loaded query={triggers} label="Loading the cron triggers">
          {({ cron_triggers: list }) =>
            list.length === 0 ? (
              <EmptyState title="No cron triggers yet" />
            ) : (
              list.map((trigger) => <CronTriggerPanel key={trigger.name} trigger={trigger} />)
            )
          }
        </Loaded>
        <Panel title="New cron trigger">
          <CronForm />
        </Panel>
      </div>
    </>
  )
}
