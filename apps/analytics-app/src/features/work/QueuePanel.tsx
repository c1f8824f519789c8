import { Button } from '@mantine/core'
import { EmptyState, ErrorState, LoadingState, Panel, explain, useLive } from '@threefactor/shared'
import { CircleCheck } from 'lucide-react'

import { useAction } from '../../common/useAction'
import { usePaced } from '../../common/usePaced'
import { whole } from '../../common/whole'
import classes from './QueuePanel.module.css'
import type { Queue } from './queues'
import { WorkCard } from './WorkCard'

/** How many orders of a queue are shown. */
const SHOWN = 25

/** One queue, live. */
export function QueuePanel({ queue }: { queue: Queue }) {
  const { data, loading, error, retry } = useLive(queue.orders, { limit: SHOWN + 1 })
  const all = useAction(queue.action, 'Nothing was left to do.')
  const orders = whole(usePaced(data, 100)?.work, 'order_id', 'created')
  const shown = orders.slice(0, SHOWN)
  const more = orders.length > SHOWN
  return (
    <Panel
      title={queue.title}
      aside={
        data && (
          <span className={classes.count}>
            {more ? `${SHOWN}+` : shown.length}
            <span className={classes.hidden}> orders</span>
          </span>
        )
      }
    >
      {loading && <LoadingState rows={3} label={`Loading: ${queue.title.toLowerCase()}`} />}
      {error && !data && <ErrorState message={explain(error)} onRetry={retry} />}
      {data && shown.length === 0 && (
        <EmptyState icon={<CircleCheck size={26} />} title={queue.empty}>
          {queue.emptyHint}
        </EmptyState>
      )}
      {shown.length > 1 && (
        <div className={classes.all}>
          <Button
            size="xs"
            variant="default"
            fullWidth
            loading={all.busy}
            onClick={() => void all.run({ ids: shown.map((order) => order.order_id) })}
          >
            {queue.verbFor(more ? `the first ${SHOWN}` : `all ${shown.length}`)}
          </Button>
          {all.problem !== undefined && (
            <p className={classes.problem} role="alert">
              {all.problem}
            </p>
          )}
        </div>
      )}
      <ul className={classes.list} aria-label={queue.title}>
        {shown.map((order) => (
          <WorkCard key={order.order_id} order={order} queue={queue} />
        ))}
      </ul>
      {more && <p className={classes.more}>The oldest {SHOWN} are shown; the others move up.</p>}
    </Panel>
  )
}
