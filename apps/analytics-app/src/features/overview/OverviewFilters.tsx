import { NativeSelect, SegmentedControl } from '@mantine/core'

import { common } from '../../texts/common'
import { overview as texts } from '../../texts/overview'
import { RANGES, type Range } from '../figures/ranges'
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
        aria-label={texts.range}
        value={range}
        onChange={(value) => onRange(value)}
        data={RANGES.map((value) => ({ value, label: common.ranges[value] }))}
      />
      <NativeSelect
        aria-label={texts.restaurant}
        className={classes.restaurant ?? ''}
        value={restaurant ?? ''}
        onChange={(event) => onRestaurant(event.currentTarget.value)}
        data={[
          { value: '', label: common.allRestaurants },
          ...byName.map(({ restaurant_id, restaurant }) => ({
            value: String(restaurant_id),
            label: restaurant,
          })),
        ]}
      />
    </div>
  )
}
