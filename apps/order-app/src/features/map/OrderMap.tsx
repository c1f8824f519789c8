import { CityMap, viewOf } from '@threefactor/shared/map'

import type { Places } from './tracking'

/** Map with restaurant, home and driver. It is decoration: the text beside it says the same. */
export default function OrderMap({ places, isPickedUp }: { places: Places; isPickedUp: boolean }) {
  const { restaurant, home, driver } = places
  return (
    <CityMap
      view={viewOf(driver ? [restaurant, home, driver] : [restaurant, home])}
      restaurants={[restaurant]}
      homes={[home]}
      driver={driver}
      // The way of the food, of which the driver still has the part in front.
      plan={isPickedUp ? undefined : { from: restaurant, to: home }}
      ways={driver ? [{ from: driver, to: isPickedUp ? home : restaurant }] : []}
    />
  )
}
