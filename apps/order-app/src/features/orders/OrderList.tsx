import { useWindowVirtualizer } from '@tanstack/react-virtual'
import {
  DishPicture,
  StatusBadge,
  dayName,
  minuteTime,
  money,
  orderPath,
  shortTime,
} from '@threefactor/shared'
import { ChevronRight } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { Link } from 'wouter'

import type { OrdersSubscription } from '../../gql/graphql'
import { orders as texts } from '../../texts/orders'
import { summary } from './filter'
import { grouped, isFinal, type Row } from './groups'
import classes from './OrderList.module.css'

/** Order with what its restaurant adds. */
type Order = OrdersSubscription['orders'][number] & {
  restaurant: string | undefined
  picture: string | null | undefined
}

/** Height of a row in `rem` before it is rendered and measured. */
const ROW_HEIGHT_REM = 4.75

/** Virtualized list of orders. */
export function OrderList({ orders }: { orders: readonly Order[] }) {
  'use no memo'
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [])
  const rows = grouped(orders, dayName)
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT_REM * parseFloat(getComputedStyle(document.documentElement).fontSize),
    overscan: 10,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.order.order_id ?? index,
  })
  return (
    <ul
      ref={list}
      className={classes.list}
      style={{ height: virtual.getTotalSize() }}
      aria-label={texts.list}
    >
      {virtual.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index]
        return (
          row && (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              data-order={row.order.order_id}
              className={classes.row}
              style={{ transform: `translateY(${start - top}px)` }}
              // For screen readers, because only the visible rows are rendered.
              aria-setsize={rows.length}
              aria-posinset={index + 1}
            >
              <OrderRow row={row} />
            </li>
          )
        )
      })}
    </ul>
  )
}

function OrderRow({ row: { order, heading } }: { row: Row<Order> }) {
  const { order_id, created, items, total, status, restaurant, picture } = order
  const current = isFinal(status) ? undefined : true
  return (
    <>
      {heading !== undefined && <h2 className={classes.heading}>{heading}</h2>}
      <Link href={orderPath(order_id)} className={classes.link} data-current={current}>
        <span className={classes.picture}>
          <DishPicture picture={picture} />
        </span>
        <span className={classes.what}>
          <span className={classes.items}>{summary(items) || texts.noItems}</span>
          {/* The heading of closed orders is their day. */}
          <span className={classes.when}>
            {[restaurant, current ? shortTime(created) : minuteTime(created)]
              .filter((part) => part !== undefined)
              .join(' · ')}
          </span>
        </span>
        <span className={classes.total}>{total != null && money(total)}</span>
        <span className={classes.status}>
          <StatusBadge status={status ?? 'placed'} />
        </span>
        <ChevronRight size={18} aria-hidden className={classes.arrow} />
      </Link>
    </>
  )
}
