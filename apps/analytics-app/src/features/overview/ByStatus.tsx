import { LoadingState, Panel, StatusBadge, integerText, isStatus } from '@threefactor/shared'

import { Bar } from '../../common/Bar'
import { colour } from '../../common/colours'
import { overview as texts } from '../../texts/overview'
import classes from './ByStatus.module.css'
import type { Count } from './funnel'

/** Number of orders with each status. */
export function ByStatus({ counts }: { counts: readonly Count[] | undefined }) {
  const most = Math.max(1, ...(counts ?? []).map((row) => row.count))
  return (
    <Panel title={texts.ordersByStatus}>
      {counts === undefined ? (
        <LoadingState rows={6} label={texts.loadingOrdersByStatus} />
      ) : (
        <ul className={classes.list}>
          {counts.map(({ status, count }) => (
            <li key={status} className={classes.row}>
              <span>
                <StatusBadge status={status} />
              </span>
              <Bar share={count / most} colour={isStatus(status) ? colour(status) : undefined} />
              <span className={classes.count} data-status-count={status}>
                {integerText(count)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
