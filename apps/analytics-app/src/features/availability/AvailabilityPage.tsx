import { PageTitle } from '@threefactor/shared'

import { Drivers } from './Drivers'
import { Restaurants } from './Restaurants'
import classes from './AvailabilityPage.module.css'

/** Who works now: restaurants and drivers. */
export function AvailabilityPage() {
  return (
    <>
      <PageTitle title="Availability" subtitle="Which restaurants are open, and which drivers take orders." />
      <div className={classes.page}>
        <Restaurants />
        <Drivers />
      </div>
    </>
  )
}
