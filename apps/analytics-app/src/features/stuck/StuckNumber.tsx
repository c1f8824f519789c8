import { useLive } from '@threefactor/shared'

import { StuckCountDocument } from '../../gql/graphql'
import classes from './StuckNumber.module.css'

/** How many orders are stuck, beside the link to them; nothing when none is. */
export function StuckNumber() {
  const count = useLive(StuckCountDocument, {}).data?.stuck_orders_aggregate.aggregate?.count ?? 0
  return count > 0 && <span className={classes.number}>{count}</span>
}
