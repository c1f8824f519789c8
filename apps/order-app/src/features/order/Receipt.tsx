import { Panel, money, useLive } from '@threefactor/shared'

import { MenuDocument, type OrderSubscription } from '../../gql/graphql'
import { DishPicture } from '../menu/DishPicture'
import { dishAppearance } from '../menu/dishAppearance'
import classes from './Receipt.module.css'
import { lineAmounts } from './amounts'

type Order = NonNullable<OrderSubscription['orders_by_pk']>

/** Items, total and delivery details of an order. */
export function Receipt({ order, restaurant }: { order: Order; restaurant: string | undefined }) {
  const menu = useLive(MenuDocument, {}).data?.menu_items ?? []
  const amounts = lineAmounts(order.items, menu, order.total)
  const paid = order.payments.find(({ status }) => status === 'succeeded')
  const driver = order.assignment[0]?.driver.name
  return (
    <Panel title="Order details">
      <ul className={classes.items}>
        {order.items.map(({ id, item, quantity }, index) => {
          const amount = amounts?.[index]
          return (
            <li key={id} className={classes.item}>
              <span className={classes.icon}>
                <DishPicture picture={dishAppearance(item).picture} />
              </span>
              <span className={classes.name}>{item}</span>
              <span className={classes.quantity}>× {quantity}</span>
              <span className={classes.amount}>{amount !== undefined && money(amount)}</span>
            </li>
          )
        })}
      </ul>
      <div className={classes.total}>
        <span>Total</span>
        <span data-testid="order-total">{order.total == null ? '–' : money(order.total)}</span>
      </div>
      <dl className={classes.facts}>
        <dt>Deliver to</dt>
        <dd>{order.address}</dd>
        <dt>Restaurant</dt>
        <dd>{restaurant ?? `#${order.restaurant_id}`}</dd>
        {paid && (
          <>
            <dt>Payment</dt>
            <dd>{paid.card_last4 ? `Card ending in ${paid.card_last4}` : 'Paid'}</dd>
          </>
        )}
        {driver && (
          <>
            <dt>Driver</dt>
            <dd>{driver}</dd>
          </>
        )}
      </dl>
    </Panel>
  )
}
