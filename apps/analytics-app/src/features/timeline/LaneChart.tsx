import 'uplot/dist/uPlot.min.css'

import { useComputedColorScheme } from '@mantine/core'
import { STATUSES, clockTime } from '@threefactor/shared'
import { useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'

import { colour } from '../../common/colours'
import { REACHED } from '../../common/stages'
import { lanes } from './lanes'
import classes from './LaneChart.module.css'
import { describe, type Series } from './series'

/**
 * A lane per state, all with one scale and one axis of time. (An order passes several states within a second: as lines in
 * one field they would hide one another.)
 */
export default function LaneChart({ series, step, words }: { series: Series; step: number; words: string }) {
  const scheme = useComputedColorScheme('light')
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const newest = useRef(series)
  const [pointed, setPointed] = useState<number>()

  useEffect(() => {
    if (!box.current) return
    const chart = lanes(box.current, scheme, step, newest.current, setPointed)
    plot.current = chart
    const observer = new ResizeObserver(([entry]) => {
      if (entry) chart.setSize({ width: Math.floor(entry.contentRect.width), height: chart.height })
    })
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      chart.destroy()
      plot.current = undefined
    }
  }, [scheme, step])

  useEffect(() => {
    newest.current = series
    plot.current?.setData([series.times, ...STATUSES.map((status) => series.counts[status])])
  }, [series])

  const last = series.times.length - 1
  const shown = pointed !== undefined && pointed <= last ? pointed : last
  const from = new Date((series.times[shown] ?? 0) * 1000).toISOString()
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        {/* Not a live region: it changes all the time. */}
        <span>
          {shown === last ? `The latest ${step} seconds` : `${step} seconds from ${clockTime(from)}`}
        </span>
      </figcaption>
      <div className={classes.chart}>
        <ul className={classes.labels} aria-hidden>
          {STATUSES.map((status) => (
            <li key={status}>
              <span className={classes.dot} style={{ background: colour(status) }} />
              {REACHED[status]}
            </li>
          ))}
        </ul>
        <div ref={box} className={classes.plot} role="img" aria-label={describe(series, words)} />
        <ul className={classes.values} aria-hidden>
          {STATUSES.map((status) => (
            <li key={status} data-latest={status}>
              {series.counts[status][shown] ?? 0}
            </li>
          ))}
        </ul>
      </div>
    </figure>
  )
}
