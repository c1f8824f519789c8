import { LoadingState, Panel, StatusBadge, integerText, isStatus } from '@threefactor/shared'

import { colour } from '../../common/colours'
import classes from './ByStatus.module.css'
import type { Count } from './funnel'

/** Number of orders with each status. */
export function ByStatus({ counts }: { counts: readonly Count[] | undefined }) {
  const most = Math.max(1, ...(counts ?? []).map((row) => row.count))
  return (
    <Panel title="Orders by status">
      {counts === undefined ? (
        <LoadingState rows={6} label="Loading the orders by status" />
      ) : (
        <ul className={classes.list}>
          {counts.map(({ status, count }) => (
            <li key={status} className={classes.row}>
              <span>
                <StatusBadge status={status} />
              </span>
              <span className={classes.bar} aria-hidden>
                <span
                  className={classes.fill}
                  style={{
                    transform: `scaleX(${count / most})`,
                    background: isStatus(status) ? colour(status) : undefined,
                  }}
                />
              </span>
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
