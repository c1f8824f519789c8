import { Button } from '@mantine/core'
import { duration, money } from '@threefactor/shared'
import { useRef } from 'react'

import { useAction } from '../../common/useAction'
import { useNow } from '../../common/useNow'
import { useUndoable } from '../../common/useUndoable'
import type { NonNullRow } from '../../common/nonNull'
import type { Queue, Work } from './queues'
import classes from './WorkCard.module.css'

/** Order with the button for its next step. The subscription removes it once the step is stored. */
export function WorkCard({
  order,
  queue,
}: {
  order: NonNullRow<Work, 'order_id' | 'created'>
  queue: Pick<Queue<object>, 'action' | 'unchanged' | 'verb' | 'done'>
}) {
  const { pending, busy, problem, start, undo } = useUndoable(useAction(queue.action, queue.unchanged))
  const button = useRef<HTMLButtonElement>(null)
  const number = order.order_id.slice(0, 8)
  const from = restaurantAndCustomer(order)
  const of = `order ${number}${order.user_id == null ? '' : ` of ${order.user_id}`}`
  const started = pending || busy
  return (
    <li className={classes.card} data-order={order.order_id}>
      <div className={classes.head}>
        <span className={classes.items}>{order.items ?? 'No items'}</span>
        <span className={classes.total}>{order.total != null && money(order.total)}</span>
      </div>
      <p className={classes.text}>
        {from !== '' && (
          <>
            {from}
            <br />
          </>
        )}
        {order.address ?? `#${number}`}
      </p>
      <div className={classes.foot}>
        <span className={classes.since}>
          <Age since={order.created} />
          {order.driver != null && ` · ${order.driver}`}
        </span>
        <span className={classes.actions}>
          {pending && (
            <Button
              variant="subtle"
              onClick={() => {
                undo()
                button.current?.focus()
              }}
              aria-label={`Undo: ${of}`}
            >
              Undo
            </Button>
          )}
          {/* Not disabled, because it would lose the focus. */}
          <Button
            ref={button}
            variant={started ? 'default' : 'light'}
            aria-disabled={started}
            onClick={() => {
              if (!started) start({ ids: [order.order_id] })
            }}
            aria-label={`${started ? queue.done : queue.verb}: ${of}`}
          >
            {started ? queue.done : queue.verb}
          </Button>
        </span>
      </div>
      {problem !== undefined && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </li>
  )
}

/** Returns what the role may see of both; a restaurant sees neither. */
function restaurantAndCustomer({ restaurant, restaurant_id, user_id }: Work): string {
  const name = restaurant ?? (restaurant_id == null ? '' : `Restaurant ${restaurant_id}`)
  return user_id == null ? name : `${name} for ${user_id}`
}

function Age({ since }: { since: string }) {
  const seconds = Math.floor((useNow() - Date.parse(since)) / 1000)
  return <>{seconds < 10 ? 'just now' : `${duration(seconds * 1000)} ago`}</>
}
