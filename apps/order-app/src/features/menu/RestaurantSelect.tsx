import { NativeSelect } from '@mantine/core'
import { explain, useLive } from '@threefactor/shared'

import { RestaurantsDocument } from '../../gql/graphql'

/** Which restaurant cooks. What each will do with the order is said, not enforced: that is for the backend. */
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
      error={error && !data && explain(error)}
      description={chosen && about(chosen)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={restaurants.map(({ id, name, open }) => ({
        value: String(id),
        label: open ? name : `${name} (closed)`,
      }))}
    />
  )
}

function about({ open, auto_approve }: { open: boolean; auto_approve: boolean }): string {
  if (!open) return 'Closed at the moment: orders are refused.'
  return auto_approve ? 'Takes paid orders at once.' : 'A person there looks at each paid order.'
}
