import { SegmentedControl } from '@mantine/core'
import { ErrorState, LoadingState, Panel, staffMessage, useLive } from '@threefactor/shared'
import { Suspense, lazy, useMemo, useState } from 'react'

import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { ReachedPerMinuteDocument, ReachedPerTenSecondsDocument } from '../../gql/graphql'
import { series } from './series'
import classes from './Timeline.module.css'
import { TimelineTable } from './TimelineTable'

// The chart library is loaded after the rest of the page.
const LaneChart = lazy(() => import('./LaneChart'))

const SPANS = {
  minutes: { name: '10 min', label: 'last ten minutes', step: 10, document: ReachedPerTenSecondsDocument },
  hour: { name: '1 h', label: 'last hour', step: 60, document: ReachedPerMinuteDocument },
}

type Span = keyof typeof SPANS

/** Number of orders that reached each status over time, as a chart or table. */
export function Timeline() {
  const [span, setSpan] = useState<Span>('minutes')
  const [view, setView] = useState('chart')
  return (
    <Panel
      title="Orders by stage"
      aside={
        <div className={classes.controls}>
          <SegmentedControl
            aria-label="Show as"
            value={view}
            onChange={setView}
            data={[
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
          />
          <SegmentedControl
            aria-label="Time span"
            value={span}
            onChange={(value) => setSpan(value as Span)}
            data={Object.entries(SPANS).map(([value, { name }]) => ({ value, label: name }))}
          />
        </div>
      }
    >
      <Content key={span} span={span} table={view === 'table'} />
    </Panel>
  )
}

function Content({ span, table }: { span: Span; table: boolean }) {
  const { label, step, document } = SPANS[span]
  const { data, loading, error, retry } = useLive(document, {})
  const throttled = useThrottled(data, 250)
  const buckets = useMemo(
    () =>
      nonNullRows(
        throttled?.reached,
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
    [throttled],
  )
  const columns = useMemo(() => series(buckets), [buckets])
  if (error && !data) return <ErrorState message={staffMessage(error)} onRetry={retry} />
  if (loading || buckets.length === 0) return <ChartPlaceholder />
  if (table) return <TimelineTable buckets={buckets} label={label} />
  return (
    <Suspense fallback={<ChartPlaceholder />}>
      <LaneChart series={columns} step={step} label={label} />
    </Suspense>
  )
}

function ChartPlaceholder() {
  return (
    <div className={classes.waiting}>
      <LoadingState rows={6} label="Loading the chart" />
    </div>
  )
}
