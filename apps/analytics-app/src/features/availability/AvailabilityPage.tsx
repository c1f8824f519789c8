import { PageTitle } from '@threefactor/shared'

import { Drivers } from './Drivers'
import { Restaurants } from './Restaurants'
import classes from './AvailabilityPage.module.css'

/** Availability of restaurants, their dishes and drivers. */
export function AvailabilityPage() {
  return (
    <>
      <PageTitle title="Availability" subtitle="Open restaurants, their menus, and available drivers" />
      <div className={classes.page}>
        <Restaurants />
        <Drivers />
      </div>
    </>
  )
}
