import { PageTitle } from '@threefactor/shared'

import { work as texts } from '../../texts/work'
import { QUEUES } from './queues'
import { QueuePanel } from './QueuePanel'
import classes from './WorkPage.module.css'

/** Queues of orders whose next step is manual. */
export function WorkPage() {
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <div className={classes.queues}>
        {QUEUES.map((queue) => (
          <QueuePanel key={queue.title} queue={queue} scope={{}} />
        ))}
      </div>
    </>
  )
}
