import { Button } from '@mantine/core'
import { duration, money } from '@threefactor/shared'

import { useAction } from '../../common/useAction'
import { useNow } from '../../common/useNow'
import type { Whole } from '../../common/whole'
import type { WorkFragment } from '../../gql/graphql'
import type { Queue } from './queues'
import classes from './WorkCard.module.css'

/** One order and what is to be done with it. It leaves when the database says that it is done. */
export function WorkCard({
  order,
  queue,
}: {
  order: Whole<WorkFragment, 'order_id' | 'created'>
  queue: Queue
}) {
  const { run, busy, problem } = useAction(queue.action, queue.unchanged)
  return (
    <li className={classes.card} data-order={order.order_id}>
      <div className={classes.head}>
        <span className={classes.items}>{order.items ?? 'Nothing'}</span>
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
