import { useElementSize } from '@mantine/hooks'
import { useId, type CSSProperties, type ReactNode } from 'react'

import { pointAt, type Point, type View } from './camera'
import {
  AVENUES,
  BLOCK,
  EXTENT,
  PARKS,
  PONDS,
  RIVER,
  TILE_BLOCKS,
  TREES,
  housesOfTile,
  streetsOfTile,
} from './city'
import classes from './CityMap.module.css'

const HOUSES = housesOfTile()
const STREETS = streetsOfTile()
const TILE = BLOCK * TILE_BLOCKS
const GROUND = {
  x: EXTENT.min,
  y: EXTENT.min,
  width: EXTENT.max - EXTENT.min,
  height: EXTENT.max - EXTENT.min,
}
/** Width of the map until it is measured, in pixels. */
const USUAL_WIDTH = 400

/** Straight way between two places. */
export interface Way {
  from: Point
  to: Point
}

/** Map of the city with restaurants, homes and a driver. */
export function CityMap({
  view,
  restaurants,
  homes,
  driver,
  plan,
  ways,
  label,
  onPoint,
}: {
  view: View
  restaurants: readonly Point[]
  homes: readonly Point[]
  driver: Point | undefined
  /** Way that begins later. */
  plan?: Way | undefined
  /** Ways in front of the driver. */
  ways: readonly Way[]
  /** Text alternative; without it, the map is decoration. */
  label?: string
  /** Receives the point that is touched. */
  onPoint?: (point: Point) => void
}) {
  const { ref, width } = useElementSize<HTMLDivElement>()
  // One unit of a marker is one pixel.
  const scale = view.width / (width || USUAL_WIDTH)
  return (
    <div ref={ref}>
      <svg
        className={classes.map}
        viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`}
        style={{ aspectRatio: view.width / view.height }}
        data-touchable={onPoint && true}
        onClick={
          onPoint &&
          ((event) =>
            onPoint(pointAt(view, event.currentTarget.getBoundingClientRect(), event.clientX, event.clientY)))
        }
        {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
      >
        <City />
        {plan && <path className={classes.plan} d={line(plan)} strokeWidth={2.2 * scale} />}
        {ways.map((way) => (
          <path key={line(way)} className={classes.way} d={line(way)} strokeWidth={3 * scale} />
        ))}
        {restaurants.map((at) => (
          <Marker
            key={`${at.x} ${at.y}`}
            at={at}
            scale={scale}
            className={classes.restaurant}
            name="restaurant"
          >
            <path className={classes.pin} d="M0 0C-9-13-13-17-13-24a13 13 0 0 1 26 0C13-17 9-13 0 0z" />
            <path
              className={classes.symbol}
              d="M-4.5-31v4.5a2 2 0 0 0 4 0V-31M-2.5-31v14M4.5-17v-14c-2.5 1.5-3.5 4-3.5 8h3.5"
            />
          </Marker>
        ))}
        {homes.map((at) => (
          <Marker key={`${at.x} ${at.y}`} at={at} scale={scale} className={classes.home} name="home">
            <path className={classes.pin} d="M0 0C-9-13-13-17-13-24a13 13 0 0 1 26 0C13-17 9-13 0 0z" />
            <path className={classes.symbol} d="M-7-24.5L0-31l7 6.5M-5-25.5v7.5H5v-7.5M-1.5-18v-4h3v4" />
          </Marker>
        ))}
        {driver && (
          <Marker at={driver} scale={scale} className={classes.driver} name="driver">
            <circle className={classes.halo} r="19" />
            <circle className={classes.disc} r="13" />
            <path
              className={classes.symbol}
              d="M-6.5 5.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 1 0 0 5zM6.5 5.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 1 0 0 5zM-4 3h5l3-7M1.5-6.5H4L6.5 .5M-7.5-3h5"
            />
          </Marker>
        )}
      </svg>
    </div>
  )
}

function line({ from, to }: Way): string {
  return `M${from.x} ${from.y}L${to.x} ${to.y}`
}

/** Marker of a constant size; it moves by a transition. */
function Marker({
  at,
  scale,
  className,
  name,
  children,
}: {
  at: Point
  scale: number
  className: string | undefined
  name: string
  children: ReactNode
}) {
  const style: CSSProperties = { transform: `translate(${at.x}px, ${at.y}px)` }
  return (
    <g
      className={[classes.marker, className].join(' ')}
      style={style}
      data-marker={name}
      data-x={at.x}
      data-y={at.y}
    >
      <g transform={`scale(${scale})`}>{children}</g>
    </g>
  )
}

function City() {
  const id = useId()
  const tile = { width: TILE, height: TILE, patternUnits: 'userSpaceOnUse' } as const
  return (
    <>
      <defs>
        <pattern id={`${id}blocks`} {...tile}>
          <path className={classes.houses} d={HOUSES} />
          <path className={classes.street} d={STREETS} />
          {/* The other half of the streets at the edges. */}
          <path className={classes.street} d={`M${TILE} 0V${TILE}M0 ${TILE}H${TILE}`} />
        </pattern>
      </defs>
      <rect className={classes.ground} {...GROUND} />
      <rect fill={`url(#${id}blocks)`} {...GROUND} />
      {PARKS.map((park) => (
        <path key={park} className={classes.park} d={park} />
      ))}
      {TREES.map(([x, y, r]) => (
        <circle key={`${x} ${y}`} className={classes.tree} cx={x} cy={y} r={r} />
      ))}
      {PONDS.map((pond) => (
        <path key={pond} className={classes.pond} d={pond} />
      ))}
      <path className={classes.bank} d={RIVER} />
      <path className={classes.river} d={RIVER} />
      {AVENUES.map((avenue) => (
        <path key={avenue} className={classes.kerb} d={avenue} />
      ))}
      {AVENUES.map((avenue) => (
        <path key={avenue} className={classes.avenue} d={avenue} />
      ))}
    </>
  )
}
