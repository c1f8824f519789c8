import { useLive } from '@threefactor/shared'

import { StuckCountDocument } from '../../gql/graphql'
import classes from './StuckLabel.module.css'

/** The name of the page in the navigation, with how many orders are stuck when there are any. */
export function StuckLabel() {
  const count = useLive(StuckCountDocument, {}).data?.stuck_orders_aggregate.aggregate?.count ?? 0
  return (
    <span className={classes.label}>
      Stuck
      {count > 0 && <span className={classes.number}>{count > 999 ? '999+' : count}</span>}
    </span>
  )
}
