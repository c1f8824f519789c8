import { setPageIcon, setTitleNotice, orderPath, useLive } from '@threefactor/shared'
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { useLocation } from 'wouter'

import { RecentOrdersDocument, type RecentOrdersSubscription } from '../../gql/graphql'
import { order as texts } from '../../texts/order'
import { headline } from '../order/lifecycle'
import { useRestaurants } from '../restaurant/RestaurantsProvider'
import { NOTHING_SEEN, changedOrders, iconOf, remembered, shownOrder, type Memory } from './changes'
import { notificationState, notify, turnOff, turnOn, type NotificationState } from './notifications'

type Order = RecentOrdersSubscription['orders'][number]

interface Seen {
  orders: readonly Order[] | undefined
  /** Whether the page was hidden. */
  hidden: boolean
  memory: Memory
  /** Orders that the last result has changed. */
  changed: readonly Order[]
}

interface OrderUpdates {
  /** Newest order in progress. */
  active: { order: Order; headline: string } | undefined
  loading: boolean
  /** Addresses of the newest orders, each once, newest first. */
  addresses: readonly string[]
  notifications: NotificationState
  setNotifications: (on: boolean) => void
}

const OrderUpdatesContext = createContext<OrderUpdates | undefined>(undefined)

/** Follows the newest orders on every page: title and icon of the page show the active one, and changes are notified if wanted. */
export function OrderUpdatesProvider({ user, children }: { user: string; children: ReactNode }) {
  const { data, loading } = useLive(RecentOrdersDocument, { user })
  const { restaurants } = useRestaurants()
  const [path, navigate] = useLocation()
  const hidden = useSyncExternalStore(onVisibilityChange, () => document.hidden)
  const [notifications, setState] = useState(() => notificationState(user))
  const orders = data?.orders
  const describe = (order: Order) =>
    headline(order.status, {
      restaurant: restaurants?.find(({ id }) => id === order.restaurant_id)?.name,
      driver: order.assignment[0]?.driver.name,
    })

  // Each result is compared with the one before it, once.
  const [seen, setSeen] = useState<Seen>({ orders: undefined, hidden, memory: NOTHING_SEEN, changed: [] })
  if (orders && (orders !== seen.orders || hidden !== seen.hidden)) {
    const { memory } = seen
    const changed = orders === seen.orders ? [] : changedOrders(memory, orders)
    setSeen({ orders, hidden, memory: remembered(memory, orders, hidden), changed })
  }
  const notified = useRef(seen.changed)
  useEffect(() => {
    if (notified.current === seen.changed) return
    notified.current = seen.changed
    if (!hidden || notifications !== 'on') return
    for (const order of seen.changed) {
      const { order_id } = order
      notify(describe(order), texts.notifyBody, order_id, () => navigate(orderPath(order_id)))
    }
  })

  const shown = shownOrder(orders ?? [], seen.memory.unseen)
  const active = shownOrder(orders ?? [], new Set())
  // The page of the order has this title itself.
  const notice = shown && path !== orderPath(shown.order_id) ? describe(shown) : undefined
  useEffect(() => setTitleNotice(notice), [notice])
  const icon = iconOf(shown?.status ?? (shown ? 'placed' : undefined))
  useEffect(() => setPageIcon(icon === 'default' ? undefined : icon), [icon])
  useEffect(
    () => () => {
      setTitleNotice(undefined)
      setPageIcon(undefined)
    },
    [],
  )

  const activeHeadline = active && describe(active)
  const value = useMemo<OrderUpdates>(
    () => ({
      active:
        active && activeHeadline !== undefined ? { order: active, headline: activeHeadline } : undefined,
      loading,
      addresses: [...new Set(orders?.map(({ address }) => address))],
      notifications,
      setNotifications: (on) => {
        if (on) void turnOn(user).then(setState)
        else setState(turnOff(user))
      },
    }),
    [active, activeHeadline, loading, notifications, orders, user],
  )
  return <OrderUpdatesContext value={value}>{children}</OrderUpdatesContext>
}

function onVisibilityChange(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** Returns the state of the newest orders. */
export function useOrderUpdates(): OrderUpdates {
  const updates = useContext(OrderUpdatesContext)
  if (!updates) throw new Error('useOrderUpdates must be used within an OrderUpdatesProvider')
  return updates
}
