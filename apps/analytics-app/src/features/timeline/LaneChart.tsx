import 'uplot/dist/uPlot.min.css'

import { useComputedColorScheme } from '@mantine/core'
import { STATUSES, clockTime, integerText } from '@threefactor/shared'
import { useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'

import { colour } from '../../common/colours'
import { common } from '../../texts/common'
import { timeline as texts } from '../../texts/timeline'
import { lanes } from './lanes'
import classes from './LaneChart.module.css'
import { barText, describe, total, type Series } from './series'

/**
 * Bar chart with one lane per status and a common scale and time axis. An order passes several statuses within a second,
 * so that lines in one area would cover each other.
 */
export default function LaneChart({ series, step, label }: { series: Series; step: number; label: string }) {
  const scheme = useComputedColorScheme('light')
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const newest = useRef(series)
  const [hovered, setHovered] = useState<number>()

  useEffect(() => {
    if (!box.current) return
    const chart = lanes(box.current, scheme, step, newest.current, setHovered)
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
  const shown = hovered !== undefined && hovered <= last ? hovered : undefined
  const from = new Date((series.times[shown ?? 0] ?? 0) * 1000).toISOString()
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.caption}>
        {/* Not a live region, because it changes several times a second. */}
        <span>
          {shown === undefined ? texts.totalOf(label) : texts.barFrom(barText(step), clockTime(from))}
        </span>
      </figcaption>
      <div className={classes.chart}>
        <ul className={classes.labels} aria-hidden>
          {STATUSES.map((status) => (
            <li key={status}>
              <span className={classes.dot} style={{ background: colour(status) }} />
              {common.stages[status]}
            </li>
          ))}
        </ul>
        <div ref={box} className={classes.plot} role="img" aria-label={describe(series, label)} />
        <ul className={classes.values} aria-hidden>
          {STATUSES.map((status) => (
            <li key={status} data-total={status}>
              {integerText(
                shown === undefined ? total(series.counts[status]) : (series.counts[status][shown] ?? 0),
              )}
            </li>
          ))}
        </ul>
      </div>
    </figure>
  )
}
