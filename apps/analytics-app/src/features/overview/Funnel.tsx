import { Skeleton, VisuallyHidden } from '@mantine/core'
import { Panel, type Status } from '@threefactor/shared'

import { colour } from '../../common/colours'
import { REACHED } from '../../common/stages'
import { funnel, percent, type Count, type Stage } from './funnel'
import classes from './Funnel.module.css'

/** The names of the original's counters where they differ. */
const NAMES: Partial<Record<Status, string>> = { placed: 'Orders', assigned: 'Driver assigned' }

/** The counters, and how many get from each to the next. */
export function Funnel({ counts }: { counts: readonly Count[] | undefined }) {
  const refused = counts?.find((row) => row.status === 'refused')?.count ?? 0
  return (
    <Panel
      title="From order to driver"
      aside={refused > 0 && <span className={classes.refused}>{refused.toLocaleString('en')} refused</span>}
    >
      <ol className={classes.funnel}>
        {funnel(counts ?? []).map((stage) => (
          <Counter key={stage.status} stage={stage} loading={counts === undefined} />
        ))}
      </ol>
    </Panel>
  )
}

function Counter({
  stage: { status, reached, ofAll, ofBefore },
  loading,
}: {
  stage: Stage
  loading: boolean
}) {
  return (
    <li className={classes.stage}>
      <span className={classes.label}>{NAMES[status] ?? REACHED[status]}</span>
      {loading ? (
        <Skeleton height="2.2rem" width="4rem" aria-label="Loading" />
      ) : (
        <span className={classes.number} data-counter={status}>
          {reached.toLocaleString('en')}
        </span>
      )}
      <span className={classes.bar} aria-hidden>
        <span
          className={classes.fill}
          style={{ transform: `scaleX(${ofAll})`, background: colour(status) }}
        />
      </span>
      <span className={classes.share}>
        {ofBefore === undefined ? (
          ' '
        ) : (
          <>
            {percent(ofBefore)} <VisuallyHidden>of the stage before</VisuallyHidden>
          </>
        )}
      </span>
    </li>
  )
}
