import { Button } from '@mantine/core'
import { duration, money } from '@threefactor/shared'

import { useAction } from '../../common/useAction'
import { useNow } from '../../common/useNow'
import type { NonNullRow } from '../../common/nonNull'
import type { WorkFragment } from '../../gql/graphql'
import type { Queue } from './queues'
import classes from './WorkCard.module.css'

/** Order with the button for its next step. The subscription removes it once the step is stored. */
export function WorkCard({
  order,
  queue,
}: {
  order: NonNullRow<WorkFragment, 'order_id' | 'created'>
  queue: Queue
}) {
  const { run, busy, problem } = useAction(queue.action, queue.unchanged)
  return (
    <li className={classes.card} data-order={order.order_id}>
      <div className={classes.head}>
        <span className={classes.items}>{order.items ?? 'No items'}</span>
        <span className={classes.total}>{order.total !== null && money(order.total)}</span>
      </div>
      <p className={classes.text}>
        {order.restaurant ?? `Restaurant ${order.restaurant_id}`} for {order.user_id}
        <br />
        {order.address}
      </p>
      <div className={classes.foot}>
        <span className={classes.since}>
          <Age since={order.created} />
          {order.driver !== null && ` · ${order.driver}`}
        </span>
        <Button
          size="xs"
          loading={busy}
          onClick={() => void run({ ids: [order.order_id] })}
          aria-label={`${queue.verb}: order ${order.order_id.slice(0, 8)} of ${order.user_id}`}
        >
          {queue.verb}
        </Button>
      </div>
      {problem !== undefined && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </li>
  )
}

function Age({ since }: { since: string }) {
  const seconds = Math.floor((useNow() - Date.parse(since)) / 1000)
  return <>{seconds < 10 ? 'just now' : `${duration(seconds * 1000)} ago`}</>
}
