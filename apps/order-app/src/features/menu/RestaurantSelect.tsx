import { NativeSelect } from '@mantine/core'

/** Restaurant with its settings. */
export interface RestaurantChoice {
  id: number
  name: string
  open: boolean
  auto_approve: boolean
}

/** Choice of the restaurant. */
export function RestaurantSelect({
  restaurants,
  value,
  error,
  onChange,
}: {
  restaurants: readonly RestaurantChoice[]
  value: number
  error?: string | undefined
  onChange: (id: number) => void
}) {
  const chosen = restaurants.find((restaurant) => restaurant.id === value)
  return (
    <NativeSelect
      label="Restaurant"
      name="restaurant"
      value={value}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
      disabled={restaurants.length === 0}
      error={error}
      // A non-breaking space while the restaurants are loading, so that the form keeps its height.
      description={chosen ? confirmation(chosen) : '\u00a0'}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={
        restaurants.length > 0
          ? restaurants.map(({ id, name, open }) => ({
              value: String(id),
              label: open ? name : `${name} (closed)`,
            }))
          : [{ value: String(value), label: 'Loading…' }]
      }
    />
  )
}

function confirmation({ open, auto_approve }: RestaurantChoice): string {
  if (!open) return 'Closed'
  return auto_approve ? 'Confirms orders automatically' : 'Confirms orders manually'
}
