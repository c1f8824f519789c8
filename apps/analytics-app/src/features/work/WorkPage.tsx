import { PageTitle } from '@threefactor/shared'

import { QUEUES } from './queues'
import { QueuePanel } from './QueuePanel'
import classes from './WorkPage.module.css'

/** What people do for orders: approve them, hand them over, bring them. */
export function WorkPage() {
  return (
    <>
      <PageTitle title="Work" subtitle="Orders that wait for a person, oldest first." />
      <div className={classes.queues}>
        {QUEUES.map((queue) => (
          <QueuePanel key={queue.title} queue={queue} />
        ))}
      </div>
    </>
  )
}
