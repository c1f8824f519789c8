import { PageTitle } from '@threefactor/shared/ui'

import table from '../../common/table.module.css'
import { DatabasePanel } from './DatabasePanel'
import { EnginePanel } from './EnginePanel'
import { ThroughputPanel } from './ThroughputPanel'

/** State of engine and database, refreshed every two seconds. */
export default function MonitoringPage() {
  return (
    <>
      <PageTitle title="Monitoring" subtitle="Refreshed every two seconds." />
      <div className={table.stack}>
        <EnginePanel />
        <ThroughputPanel />
        <DatabasePanel />
      </div>
    </>
  )
}
