import { cappedText, useLive } from '@threefactor/shared'

import { StuckCountDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import classes from './StuckLabel.module.css'

/** Navigation label of the page, with the number of delayed orders. */
export function StuckLabel() {
  const count = useLive(StuckCountDocument, {}).data?.stuck_orders_aggregate.aggregate?.count ?? 0
  return (
    <span className={classes.label}>
      {common.navStuck}
      {count > 0 && <span className={classes.number}>{cappedText(count, 999)}</span>}
    </span>
  )
}
