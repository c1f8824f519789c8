import { PageTitle } from '@threefactor/shared'

import { Drivers } from './Drivers'
import { MenuItems } from './MenuItems'
import { Restaurants } from './Restaurants'
import classes from './AvailabilityPage.module.css'

/** Availability of restaurants, dishes and drivers. */
export function AvailabilityPage() {
  return (
    <>
      <PageTitle title="Availability" subtitle="Open restaurants, dishes and available drivers" />
      <div className={classes.page}>
        <Restaurants />
        <MenuItems />
        <Drivers />
      </div>
    </>
  )
}
