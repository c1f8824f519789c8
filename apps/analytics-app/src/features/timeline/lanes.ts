import { STATUSES } from '@threefactor/shared'
import uPlot from 'uplot'

import { COLOURS } from '../../common/colours'
import { roundedMaximum, type Series } from './series'

/** Height of a lane and of the axis; LaneChart.module.css must match. */
const LANE_HEIGHT_PX = 38
const AXIS_HEIGHT_PX = 30
const DAY = 86_400

/** Half of the width of a time on the axis; nearer to an edge it would be cut. */
const HALF_LABEL_PX = 28
const PADDING_PX = 8

/** Share of the lane's height that the highest bar takes. */
const FILL = 0.84

const CHART_COLOURS = {
  light: { text: '#625d55', line: '#e6e2db' },
  dark: { text: '#aca59a', line: '#35322d' },
}

/** Distances of the times of the axis, in seconds. */
const DISTANCES = [60, 120, 300, 600, 900, 1800, 3600, 10_800, 21_600, 43_200, DAY, 2 * DAY]

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric' })

/**
 * Creates the chart. Each series has its own scale, with zero at the bottom of its lane; all scales have the same range, so
 * that heights can be compared.
 *
 * @param step seconds per bar
 * @param onHover receives the index of the bar under the pointer, or undefined
 */
export function lanes(
  box: HTMLElement,
  scheme: 'light' | 'dark',
  step: number,
  first: Series,
  onHover: (index: number | undefined) => void,
): uPlot {
  const count = STATUSES.length
  const colours = CHART_COLOURS[scheme]
  const bars = uPlot.paths.bars?.({ align: 1, size: [0.8, 24], radius: 0.25 })

  // All lanes use the highest peak; the minimum and maximum of the single series are ignored.
  const range = (lane: number) => (chart: uPlot) => {
    const peak = Math.max(0, ...chart.data.slice(1).flat().map(Number))
    const top = roundedMaximum(peak) / FILL
    const below = count - 1 - lane
    return [-below * top, (count - below) * top] as uPlot.Range.MinMax
  }

  return new uPlot(
    {
      width: Math.max(50, box.clientWidth),
      height: count * LANE_HEIGHT_PX + AXIS_HEIGHT_PX,
      padding: [0, PADDING_PX, 0, PADDING_PX],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
      scales: {
        x: { range: (_, min, max) => [min, max + step] },
        ...Object.fromEntries(STATUSES.map((status, lane) => [status, { range: range(lane) }])),
      },
      axes: [
        {
          stroke: colours.text,
          font: "12px 'Inter Variable', system-ui, sans-serif",
          size: AXIS_HEIGHT_PX,
          space: 70,
          grid: { stroke: colours.line, width: 1 },
          ticks: { show: false },
          incrs: DISTANCES,
          values: (chart, splits, _axis, _space, distance) =>
            splits.map((seconds) => {
              const left = PADDING_PX + chart.valToPos(seconds, 'x')
              const isCut = left < HALF_LABEL_PX || left > chart.width - HALF_LABEL_PX
              return isCut ? null : (distance >= DAY ? day : clock).format(seconds * 1000)
            }),
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
        // Base line of each lane.
        drawAxes: [
          ({ ctx, bbox }) => {
            ctx.save()
            ctx.fillStyle = colours.line
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
            if (left < 0 || start === undefined) onHover(undefined)
            else onHover(Math.floor((chart.posToVal(left, 'x') - start) / step))
          },
        ],
      },
    },
    [first.times, ...STATUSES.map((status) => first.counts[status])],
    box,
  )
}
