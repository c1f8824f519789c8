import { NativeSelect } from '@mantine/core'
import { customerMessage, useLive } from '@threefactor/shared'

import { RestaurantsDocument } from '../../gql/graphql'

/** Choice of the restaurant. A closed one can be chosen, because only the backend decides which orders are refused. */
export function RestaurantSelect({ value, onChange }: { value: number; onChange: (id: number) => void }) {
  const { data, error } = useLive(RestaurantsDocument, {})
  const restaurants = data?.restaurants ?? []
  const chosen = restaurants.find((restaurant) => restaurant.id === value)
  return (
    <NativeSelect
      label="Restaurant"
      name="restaurant"
      value={value}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
      disabled={restaurants.length === 0}
      error={error && !data && customerMessage(error)}
      description={chosen && confirmation(chosen)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={restaurants.map(({ id, name, open }) => ({
        value: String(id),
        label: open ? name : `${name} (closed)`,
      }))}
    />
  )
}

function confirmation({ open, auto_approve }: { open: boolean; auto_approve: boolean }): string {
  if (!open) return 'Closed'
  return auto_approve ? 'Confirms orders automatically' : 'Confirms orders manually'
}
