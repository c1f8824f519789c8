import { LoadingState, Panel, StatusBadge, isStatus } from '@threefactor/shared'

import { colour } from '../../common/colours'
import classes from './ByStatus.module.css'
import type { Count } from './funnel'

/** How many orders stand where at this moment. */
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
                {count.toLocaleString('en')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
