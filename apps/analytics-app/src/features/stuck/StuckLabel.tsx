import { useLive } from '@threefactor/shared'

import { StuckCountDocument } from '../../gql/graphql'
import classes from './StuckLabel.module.css'

/** Navigation label of the page, with the number of delayed orders. */
export function StuckLabel() {
  const count = useLive(StuckCountDocument, {}).data?.stuck_orders_aggregate.aggregate?.count ?? 0
  return (
    <span className={classes.label}>
      Needs attention
      {count > 0 && <span className={classes.number}>{count > 999 ? '999+' : count}</span>}
    </span>
  )
}
