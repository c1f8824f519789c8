import { TextInput } from '@mantine/core'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  StatePicture,
  customerMessage,
  integerText,
  useLive,
} from '@threefactor/shared'
import { Search } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'

import { OrdersDocument } from '../../gql/graphql'
import { orders as texts } from '../../texts/orders'
import { common } from '../../texts/common'
import { useRestaurants } from '../restaurant/RestaurantsProvider'
import { countByStatus, filterOf, filtered } from './filter'
import { OrderList } from './OrderList'
import classes from './OrdersPage.module.css'
import { PayAll } from './PayAll'
import { StatusFilter } from './StatusFilter'

/** Maximum number of orders on the page; permissions.json has the same limit. */
const MAX_ORDERS = 1000

/** Orders of the customer. Filter and search are in the address, so that Back returns to them. */
export function OrdersPage({ user }: { user: string }) {
  const [params, setParams] = useSearchParams()
  const { data, loading, error, retry } = useLive(OrdersDocument, { user, limit: MAX_ORDERS })
  const filter = filterOf(params.get('status'))
  const search = params.get('search') ?? ''
  const { restaurants } = useRestaurants()
  const orders = (data?.orders ?? []).map((order) => {
    const restaurant = restaurants?.find(({ id }) => id === order.restaurant_id)
    const [first] = order.items
    const dish = restaurant?.menu_items.find(({ name }) => name === first?.item)
    return { ...order, restaurant: restaurant?.name, picture: dish?.picture }
  })
  const counts = countByStatus(orders)
  const shown = filtered(orders, filter, search)
  const set = (name: 'status' | 'search', value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before)
        if (value === '') after.delete(name)
        else after.set(name, value)
        return after
      },
      { replace: true },
    )
  return (
    <>
      <PageTitle title={texts.title}>
        <PayAll payable={counts.get('validated') ?? 0} />
      </PageTitle>
      {loading && <LoadingState rows={6} label={texts.loading} />}
      {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
      {data && orders.length === 0 && (
        <EmptyState picture={<StatePicture name="no-orders" />} title={texts.none}>
          {texts.noneHint} <Link href="/">{common.toRestaurants}</Link>
        </EmptyState>
      )}
      {orders.length > 0 && (
        <div className={classes.filters}>
          <StatusFilter
            counts={counts}
            all={orders.length}
            value={filter}
            onChange={(filter) => set('status', filter === 'all' ? '' : filter)}
          />
          <TextInput
            type="search"
            className={classes.search ?? ''}
            aria-label={texts.search}
            placeholder={texts.searchPlaceholder}
            leftSection={<Search size={17} aria-hidden />}
            value={search}
            onChange={(event) => set('search', event.currentTarget.value)}
          />
        </div>
      )}
      {orders.length > 0 && shown.length === 0 && (
        <EmptyState title={search === '' ? texts.noneWithStatus : texts.noMatch(search)}>
          <Link href="/orders">{texts.showAll}</Link>
        </EmptyState>
      )}
      <OrderList orders={shown} />
      {orders.length >= MAX_ORDERS && <p className={classes.more}>{texts.newest(integerText(MAX_ORDERS))}</p>}
    </>
  )
}
