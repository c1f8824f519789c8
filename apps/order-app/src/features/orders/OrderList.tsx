import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { StatusBadge, clockTime, money } from '@threefactor/shared'
import { ChevronRight } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { Link } from 'wouter'

import type { OrdersSubscription } from '../../gql/graphql'
import { orderPath } from '../order/paths'
import { summary } from './filter'
import classes from './OrderList.module.css'

type Order = OrdersSubscription['orders'][number]

/** Height of a row with its gap; OrderList.module.css must match. */
const ROW_HEIGHT_PX = 76

/** Virtualized list of orders. */
export function OrderList({ orders }: { orders: readonly Order[] }) {
  'use no memo'
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [])
  const virtual = useWindowVirtualizer({
    count: orders.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 10,
    scrollMargin: top,
    getItemKey: (index) => orders[index]?.order_id ?? index,
  })
  return (
    <ul
      ref={list}
      className={classes.list}
      style={{ height: virtual.getTotalSize() }}
      aria-label="Orders, newest first"
    >
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const order = orders[index]
        return (
          order && (
            <li
              key={key}
              className={classes.row}
              style={{ transform: `translateY(${start - top}px)` }}
              // For screen readers, because only the visible rows are rendered.
              aria-setsize={orders.length}
              aria-posinset={index + 1}
            >
              <OrderRow order={order} />
            </li>
          )
        )
      })}
    </ul>
  )
}

function OrderRow({ order }: { order: Order }) {
  return (
    <Link href={orderPath(order.order_id)} className={classes.link}>
      <span className={classes.what}>
        <span className={classes.items}>{summary(order.items) || 'No items'}</span>
        <span className={classes.when}>
          <span>{clockTime(order.created)}</span>
          <span className={classes.id}>#{order.order_id.slice(0, 8)}</span>
        </span>
      </span>
      <span className={classes.total}>{order.total != null && money(order.total)}</span>
      <span className={classes.status}>
        <StatusBadge status={order.status ?? 'placed'} />
      </span>
      <ChevronRight size={18} aria-hidden className={classes.arrow} />
    </Link>
  )
}
