import { STATUSES } from '@threefactor/shared'
import uPlot from 'uplot'

import { COLOURS } from '../../common/colours'
import { niceTop, type Series } from './series'

/** The height of a lane and of the axis, in pixels; LaneChart.module.css says the same. */
const LANE = 38
const AXIS = 30
/** How much of a lane its highest bar may take. */
const FILL = 0.84

const INK = {
  light: { text: '#625d55', line: '#e6e2db' },
  dark: { text: '#aca59a', line: '#35322d' },
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/**
 * Makes the chart. Each series has a scale of its own, chosen so that its zero lies at the bottom of its lane; all have the
 * same range, so that heights can be compared.
 *
 * @param step how many seconds a bar stands for
 * @param onPoint gets the index of the bar under the pointer, or undefined
 */
export function lanes(
  box: HTMLElement,
  scheme: 'light' | 'dark',
  step: number,
  first: Series,
  onPoint: (index: number | undefined) => void,
): uPlot {
  const count = STATUSES.length
  const ink = INK[scheme]
  const bars = uPlot.paths.bars?.({ align: 1, size: [0.8, 24], radius: 0.25 })

  // The range of the lane-th scale from above; the data's own minimum and maximum do not matter.
  const range = (lane: number) => (chart: uPlot) => {
    const peak = Math.max(0, ...chart.data.slice(1).flat().map(Number))
    const top = niceTop(peak) / FILL
    const below = count - 1 - lane
    return [-below * top, (count - below) * top] as uPlot.Range.MinMax
  }

  return new uPlot(
    {
      width: Math.max(50, box.clientWidth),
      height: count * LANE + AXIS,
      padding: [0, 8, 0, 8],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
      scales: {
        x: { range: (_, min, max) => [min, max + step] },
        ...Object.fromEntries(STATUSES.map((status, lane) => [status, { range: range(lane) }])),
      },
      axes: [
        {
          stroke: ink.text,
          font: "12px 'Inter Variable', system-ui, sans-serif",
          size: AXIS,
          space: 70,
          grid: { stroke: ink.line, width: 1 },
          ticks: { show: false },
          incrs: [60, 120, 300, 600, 900, 1800],
          values: (_, splits) => splits.map((seconds) => clock.format(seconds * 1000)),
        },
        { show: false, scale: STATUSES[0] },
      ],
      series: [
        {},
        ...STATUSES.map((status) => ({
          scale: status,
          fill: COLOURS[status][scheme],
          width: 0,
          fillTo: 0,
          paths: bars,
          points: { show: false },
        })),
      ],
      hooks: {
        // The floor of each lane.
        drawAxes: [
          ({ ctx, bbox }) => {
            ctx.save()
            ctx.fillStyle = ink.line
            for (let lane = 1; lane <= count; lane++) {
              const y = Math.round(bbox.top + (bbox.height * lane) / count)
              ctx.fillRect(bbox.left, y - 1, bbox.width, 1)
            }
            ctx.restore()
          },
        ],
        setCursor: [
          (chart) => {
            const left = chart.cursor.left ?? -1
            const start = chart.data[0][0]
            if (left < 0 || start === undefined) onPoint(undefined)
            else onPoint(Math.floor((chart.posToVal(left, 'x') - start) / step))
          },
        ],
      },
    },
    [first.times, ...STATUSES.map((status) => first.counts[status])],
    box,
  )
}
