import { PageTitle } from '@threefactor/shared'

import { Drivers } from './Drivers'
import { Restaurants } from './Restaurants'
import classes from './AvailabilityPage.module.css'

/** Availability of restaurants and drivers. */
export function AvailabilityPage() {
  return (
    <>
      <PageTitle title="Availability" subtitle="Open restaurants and available drivers" />
      <div className={classes.page}>
        <Restaurants />
        <Drivers />
      </div>
    </>
  )
}
