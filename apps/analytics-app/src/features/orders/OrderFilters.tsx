import { NativeSelect, TextInput } from '@mantine/core'
import { ALL_STATUSES, statusStyle, useLive, type AnyStatus } from '@threefactor/shared'
import { Search } from 'lucide-react'

import { RestaurantsDocument } from '../../gql/graphql'
import { orders as texts } from '../../texts/orders'
import classes from './OrdersPage.module.css'

/** Search and filters of the list of orders. `onChange` receives the parameter of the address and its text. */
export function OrderFilters({
  search,
  status,
  restaurant,
  onChange,
}: {
  search: string
  status: AnyStatus | undefined
  restaurant: number | undefined
  onChange: (name: 'search' | 'status' | 'restaurant', value: string) => void
}) {
  const restaurants = useLive(RestaurantsDocument, {}).data?.restaurants ?? []
  return (
    <div className={classes.filters} role="search">
      <TextInput
        type="search"
        label={texts.search}
        placeholder={texts.searchPlaceholder}
        leftSection={<Search size={17} aria-hidden />}
        value={search}
        onChange={(event) => onChange('search', event.currentTarget.value)}
      />
      <NativeSelect
        label={texts.status}
        value={status ?? ''}
        onChange={(event) => onChange('status', event.currentTarget.value)}
        data={[
          { value: '', label: texts.all },
          ...ALL_STATUSES.map((status) => ({ value: status, label: statusStyle(status).label })),
        ]}
      />
      <NativeSelect
        label={texts.restaurant}
        value={restaurant ?? ''}
        onChange={(event) => onChange('restaurant', event.currentTarget.value)}
        data={[
          { value: '', label: texts.all },
          ...restaurants.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
    </div>
  )
}
