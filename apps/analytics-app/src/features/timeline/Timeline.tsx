import { SegmentedControl } from '@mantine/core'
import { ErrorState, LoadingState, Panel, staffMessage, useLive } from '@threefactor/shared'
import { Suspense, lazy, useMemo, useState } from 'react'

import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import {
  ReachedPerMinuteDocument,
  ReachedPerQuarterHourDocument,
  ReachedPerSixHoursDocument,
  ReachedPerTenSecondsDocument,
} from '../../gql/graphql'
import type { Range } from '../figures/ranges'
import { series } from './series'
import classes from './Timeline.module.css'
import { TimelineTable } from './TimelineTable'

// The chart library is loaded after the rest of the page.
const LaneChart = lazy(() => import('./LaneChart'))

/** Chart of each range: its time span, and the length of its bars in seconds. */
const SPANS: Record<Range, { label: string; step: number; document: typeof ReachedPerMinuteDocument }> = {
  '15m': { label: 'last ten minutes', step: 10, document: ReachedPerTenSecondsDocument },
  '1h': { label: 'last hour', step: 60, document: ReachedPerMinuteDocument },
  today: { label: 'last 24 hours', step: 900, document: ReachedPerQuarterHourDocument },
  '7d': { label: 'last seven days', step: 21_600, document: ReachedPerSixHoursDocument },
}

/** Number of orders that reached each status over time, as a chart or table. */
export function Timeline({ range }: { range: Range }) {
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
        </div>
      }
    >
      <Content key={range} range={range} table={view === 'table'} />
    </Panel>
  )
}

function Content({ range, table }: { range: Range; table: boolean }) {
  const { label, step, document } = SPANS[range]
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
