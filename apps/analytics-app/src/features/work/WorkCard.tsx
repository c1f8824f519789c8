import { duration, minuteTime, money, useNow } from '@threefactor/shared'

import { Deadline } from '../../common/Deadline'
import type { NonNullRow } from '../../common/nonNull'
import { common } from '../../texts/common'
import { work as texts } from '../../texts/work'
import type { Queue, Work } from './queues'
import { StepButtons } from './StepButtons'
import classes from './WorkCard.module.css'

/** Order with the buttons for its next step. The subscription removes it once the step is stored. */
export function WorkCard({
  order,
  queue,
  usualMinutes,
}: {
  order: NonNullRow<Work, 'order_id' | 'created'>
  queue: Pick<Queue<object>, 'mutation' | 'unchanged' | 'verb' | 'done' | 'alternative'>
  usualMinutes?: number | undefined
}) {
  const from = restaurantAndCustomer(order)
  return (
    <li className={classes.card} data-order={order.order_id}>
      <div className={classes.head}>
        <span className={classes.items}>{order.items ?? common.noItems}</span>
        <span className={classes.total}>{order.total != null && money(order.total)}</span>
      </div>
      <p className={classes.text}>
        {from !== '' && (
          <>
            {from}
            <br />
          </>
        )}
        {order.address ?? common.number(order.order_id)}
      </p>
      {order.ready_at != null && (
        <p className={classes.ready}>{common.readyBy(minuteTime(order.ready_at))}</p>
      )}
      {order.note != null && <p className={classes.note}>{common.note(order.note)}</p>}
      <div className={classes.foot}>
        <span className={classes.since}>
          {order.deadline == null ? <Age since={order.created} /> : <Deadline at={order.deadline} />}
          {order.driver != null && texts.withDriver(order.driver)}
        </span>
        <StepButtons id={order.order_id} name={nameOf(order)} {...queue} usualMinutes={usualMinutes} />
      </div>
    </li>
  )
}

/** Returns the name of an order, for screen readers. */
function nameOf({ order_id, user_id }: { order_id: string; user_id?: string | null }): string {
  const name = common.order(order_id)
  return user_id == null ? name : texts.orderOf(name, user_id)
}

/** Returns what the role may see of both; a restaurant sees neither. */
function restaurantAndCustomer({ restaurant, restaurant_id, user_id }: Work): string {
  const name = restaurant ?? (restaurant_id == null ? '' : common.restaurant(restaurant_id))
  return user_id == null ? name : texts.forCustomer(name, user_id)
}

function Age({ since }: { since: string }) {
  const seconds = Math.floor((useNow() - Date.parse(since)) / 1000)
  return <>{seconds < 10 ? common.justNow : common.ago(duration(seconds * 1000))}</>
}
