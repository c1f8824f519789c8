import { PageTitle } from '@threefactor/shared'

import { availability as texts } from '../../texts/availability'
import { Drivers } from './Drivers'
import { Restaurants } from './Restaurants'
import classes from './AvailabilityPage.module.css'

/** Availability of restaurants, their dishes and drivers. */
export function AvailabilityPage() {
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <div className={classes.page}>
        <Restaurants />
        <Drivers />
      </div>
    </>
  )
}
