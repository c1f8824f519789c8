import { Button } from '@mantine/core'
import { DishPicture, Panel, integerText, money } from '@threefactor/shared'
import { Printer } from 'lucide-react'

import type { OrderSubscription } from '../../gql/graphql'
import { order as texts } from '../../texts/order'
import type { Restaurant } from '../restaurant/RestaurantsProvider'
import { lineAmounts } from './amounts'
import classes from './Receipt.module.css'

type Order = NonNullable<OrderSubscription['orders_by_pk']>

/** Items, total and delivery details of an order. */
export function Receipt({ order, restaurant }: { order: Order; restaurant: Restaurant | undefined }) {
  const menu = restaurant?.menu_items ?? []
  const amounts = lineAmounts(order.items, menu, order.total)
  const paid = order.payments.find(({ status }) => status === 'succeeded')
  const driver = order.assignment[0]?.driver.name
  return (
    <Panel title={texts.details}>
      <ul className={classes.items}>
        {order.items.map(({ id, item, quantity }, index) => {
          const amount = amounts?.[index]
          return (
            <li key={id} className={classes.item}>
              <span className={classes.icon}>
                <DishPicture picture={menu.find(({ name }) => name === item)?.picture ?? null} />
              </span>
              <span className={classes.name}>{item}</span>
              <span className={classes.quantity}>{texts.times(integerText(quantity))}</span>
              <span className={classes.amount}>{amount !== undefined && money(amount)}</span>
            </li>
          )
        })}
      </ul>
      {/* A refused order never gets a total. */}
      {(order.total != null || order.problem == null) && (
        <div className={classes.total}>
          <span>{texts.total}</span>
          <span data-testid="order-total">{order.total == null ? texts.noTotal : money(order.total)}</span>
        </div>
      )}
      {order.refunds.map(({ amount, status }, index) => (
        <div key={index} className={classes.refund}>
          <span>{status === 'succeeded' ? texts.refund : texts.refundPending}</span>
          <span>{texts.negative(money(amount))}</span>
        </div>
      ))}
      <dl className={classes.facts}>
        <dt>{texts.deliverTo}</dt>
        <dd>{order.address}</dd>
        {order.note != null && (
          <>
            <dt>{texts.note}</dt>
            <dd>{order.note}</dd>
          </>
        )}
        <dt>{texts.restaurant}</dt>
        <dd>{restaurant?.name ?? texts.unknownRestaurant(order.restaurant_id)}</dd>
        {paid && (
          <>
            <dt>{texts.payment}</dt>
            <dd>{paid.card_last4 ? texts.card(paid.card_last4) : texts.paid}</dd>
          </>
        )}
        {driver && (
          <>
            <dt>{texts.driver}</dt>
            <dd>{driver}</dd>
          </>
        )}
        <dt>{texts.number}</dt>
        <dd className={classes.number}>{texts.numberOf(order.order_id)}</dd>
      </dl>
      {paid && (
        <Button
          variant="default"
          className={`${classes.print} no-print`}
          leftSection={<Printer size={16} aria-hidden />}
          onClick={() => window.print()}
        >
          {texts.print}
        </Button>
      )}
    </Panel>
  )
}
