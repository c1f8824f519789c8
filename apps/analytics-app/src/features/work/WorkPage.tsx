import { PageTitle } from '@threefactor/shared'

import { QUEUES } from './queues'
import { QueuePanel } from './QueuePanel'
import classes from './WorkPage.module.css'

/** Queues of orders whose next step is manual. */
export function WorkPage() {
  return (
    <>
      <PageTitle title="Work" subtitle="Orders whose next step is manual, oldest first" />
      <div className={classes.queues}>
        {QUEUES.map((queue) => (
          <QueuePanel key={queue.title} queue={queue} scope={{}} />
        ))}
      </div>
    </>
  )
}
