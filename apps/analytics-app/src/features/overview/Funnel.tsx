import { Skeleton, VisuallyHidden } from '@mantine/core'
import { Panel, integerText, percent, type Status } from '@threefactor/shared'

import { Bar } from '../../common/Bar'
import { colour } from '../../common/colours'
import { STAGE_LABELS } from '../../common/stages'
import { funnel, type Count, type Stage } from './funnel'
import classes from './Funnel.module.css'

/** Counter names of the Node.js example, where they differ from the stage labels. */
const NAMES: Partial<Record<Status, string>> = { placed: 'Orders', assigned: 'Driver assigned' }

/** Counters of all stages, with the share of orders that reach the next one. */
export function Funnel({ counts }: { counts: readonly Count[] | undefined }) {
  const refused = counts?.find((row) => row.status === 'refused')?.count ?? 0
  return (
    <Panel
      title="Order funnel"
      aside={
        <span className={classes.aside}>
          All restaurants, since the first order
          {refused > 0 && <span className={classes.refused}> · {integerText(refused)} refused</span>}
        </span>
      }
    >
      <ol className={classes.funnel}>
        {funnel(counts ?? []).map((stage) => (
          <Counter key={stage.status} stage={stage} loading={counts === undefined} />
        ))}
      </ol>
    </Panel>
  )
}

function Counter({ stage: { status, reached, ofBefore }, loading }: { stage: Stage; loading: boolean }) {
  return (
    <li className={classes.stage}>
      <span className={classes.label}>{NAMES[status] ?? STAGE_LABELS[status]}</span>
      {loading ? (
        <Skeleton height="2.2rem" width="4rem" aria-label="Loading" />
      ) : (
        <span className={classes.number} data-counter={status}>
          {integerText(reached)}
        </span>
      )}
      {/* The same ratio as the number below. */}
      <span className={classes.bar}>
        <Bar share={ofBefore ?? (reached > 0 ? 1 : 0)} colour={colour(status)} />
      </span>
      <span className={classes.share}>
        {ofBefore === undefined ? (
          ' '
        ) : (
          <>
            {percent(ofBefore)} <VisuallyHidden>of the previous stage</VisuallyHidden>
          </>
        )}
      </span>
    </li>
  )
}
