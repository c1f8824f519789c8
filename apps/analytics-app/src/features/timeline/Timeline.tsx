import { SegmentedControl } from '@mantine/core'
import { ErrorState, LoadingState, Panel, explain, useLive } from '@threefactor/shared'
import { Suspense, lazy, useMemo, useState } from 'react'

import { usePaced } from '../../common/usePaced'
import { whole } from '../../common/whole'
import { ReachedPerMinuteDocument, ReachedPerTenSecondsDocument } from '../../gql/graphql'
import { series } from './series'
import classes from './Timeline.module.css'
import { TimelineTable } from './TimelineTable'

// The chart library comes with the chart, after everything else is on the screen.
const LaneChart = lazy(() => import('./LaneChart'))

const SPANS = {
  minutes: { label: '10 min', words: 'last ten minutes', step: 10, document: ReachedPerTenSecondsDocument },
  hour: { label: '1 h', words: 'last hour', step: 60, document: ReachedPerMinuteDocument },
}

type Span = keyof typeof SPANS

/** When orders reached each state, as a chart or as a table. */
export function Timeline() {
  const [span, setSpan] = useState<Span>('minutes')
  const [view, setView] = useState('chart')
  return (
    <Panel
      title="Orders reaching each state"
      aside={
        <div className={classes.controls}>
          <SegmentedControl
            size="xs"
            aria-label="Show as"
            value={view}
            onChange={setView}
            data={[
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
          />
          <SegmentedControl
            size="xs"
            aria-label="Time span"
            value={span}
            onChange={(value) => setSpan(value as Span)}
            data={Object.entries(SPANS).map(([value, { label }]) => ({ value, label }))}
          />
        </div>
      }
    >
      <Content key={span} span={span} table={view === 'table'} />
    </Panel>
  )
}

function Content({ span, table }: { span: Span; table: boolean }) {
  const { words, step, document } = SPANS[span]
  const { data, loading, error, retry } = useLive(document, {})
  const paced = usePaced(data, 250)
  const buckets = useMemo(
    () =>
      whole(
        paced?.reached,
        'bucket',
        'placed',
        'refused',
        'validated',
        'paid',
        'approved',
        'assigned',
        'picked_up',
        'delivered',
      ),
    [paced],
  )
  const columns = useMemo(() => series(buckets), [buckets])
  if (error && !data) return <ErrorState message={explain(error)} onRetry={retry} />
  if (loading || buckets.length === 0) return <Waiting />
  if (table) return <TimelineTable buckets={buckets} words={words} />
  return (
    <Suspense fallback={<Waiting />}>
      <LaneChart series={columns} step={step} words={words} />
    </Suspense>
  )
}

function Waiting() {
  return (
    <div className={classes.waiting}>
      <LoadingState rows={6} label="Loading the chart" />
    </div>
  )
}
