import { NativeSelect, SegmentedControl } from '@mantine/core'

import { RANGES, RANGE_LABELS, type Range } from '../figures/ranges'
import classes from './OverviewFilters.module.css'

/** Time range and restaurant of the figures. */
export function OverviewFilters({
  range,
  restaurants,
  restaurant,
  onRange,
  onRestaurant,
}: {
  range: Range
  restaurants: readonly { restaurant_id: number; restaurant: string }[]
  /** Undefined for all of them. */
  restaurant: number | undefined
  onRange: (range: Range) => void
  /** Receives an empty text for all of them. */
  onRestaurant: (id: string) => void
}) {
  const byName = [...restaurants].sort((a, b) => a.restaurant.localeCompare(b.restaurant))
  return (
    <div className={classes.filters}>
      <SegmentedControl
        aria-label="Time range"
        value={range}
        onChange={(value) => onRange(value)}
        data={RANGES.map((value) => ({ value, label: RANGE_LABELS[value] }))}
      />
      <NativeSelect
        aria-label="Restaurant"
        className={classes.restaurant ?? ''}
        value={restaurant ?? ''}
        onChange={(event) => onRestaurant(event.currentTarget.value)}
        data={[
          { value: '', label: 'All restaurants' },
          ...byName.map(({ restaurant_id, restaurant }) => ({
            value: String(restaurant_id),
            label: restaurant,
          })),
        ]}
      />
    </div>
  )
}
