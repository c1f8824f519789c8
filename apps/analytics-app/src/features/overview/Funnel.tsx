import { Skeleton, VisuallyHidden } from '@mantine/core'
import { Panel, integerText, percent } from '@threefactor/shared'

import { Bar } from '../../common/Bar'
import { colour } from '../../common/colours'
import { common } from '../../texts/common'
import { overview as texts } from '../../texts/overview'
import { funnel, type Count, type Stage } from './funnel'
import classes from './Funnel.module.css'

/** Counters of all stages, with the share of orders that reach the next one. */
export function Funnel({ counts }: { counts: readonly Count[] | undefined }) {
  const refused = counts?.find((row) => row.status === 'refused')?.count ?? 0
  return (
    <Panel
      title={texts.funnel}
      aside={
        <span className={classes.aside}>
          {texts.funnelScope}
          {refused > 0 && <span className={classes.refused}>{texts.refused(integerText(refused))}</span>}
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
      <span className={classes.label}>{texts.counters[status] ?? common.stages[status]}</span>
      {loading ? (
        <Skeleton height="2.2rem" width="4rem" aria-label={texts.loading} />
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
            {percent(ofBefore)} <VisuallyHidden>{texts.ofPrevious}</VisuallyHidden>
          </>
        )}
      </span>
    </li>
  )
}
