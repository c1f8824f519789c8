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
import { timeline as texts } from '../../texts/timeline'
import type { Range } from '../figures/ranges'
import { series } from './series'
import classes from './Timeline.module.css'
import { TimelineTable } from './TimelineTable'

// The chart library is loaded after the rest of the page.
const LaneChart = lazy(() => import('./LaneChart'))

/** Chart of each range: the length of its bars in seconds, and their source. */
const SPANS: Record<Range, { step: number; document: typeof ReachedPerMinuteDocument }> = {
  '15m': { step: 10, document: ReachedPerTenSecondsDocument },
  '1h': { step: 60, document: ReachedPerMinuteDocument },
  today: { step: 900, document: ReachedPerQuarterHourDocument },
  '7d': { step: 21_600, document: ReachedPerSixHoursDocument },
}

/** Number of orders that reached each status over time, as a chart or table. */
export function Timeline({ range }: { range: Range }) {
  const [view, setView] = useState('chart')
  return (
    <Panel
      title={texts.title}
      aside={
        <div className={classes.controls}>
          <SegmentedControl
            aria-label={texts.view}
            value={view}
            onChange={setView}
            data={[
              { value: 'chart', label: texts.chart },
              { value: 'table', label: texts.table },
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
  const { step, document } = SPANS[range]
  const label = texts.spans[range]
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
      <LoadingState rows={6} label={texts.loading} />
    </div>
  )
}
