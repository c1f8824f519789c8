/** Point on the map of the city: percent of its width and height from the top left corner. */
export interface Point {
  x: number
  y: number
}

/** Part of the city that is shown. */
export interface View {
  x: number
  y: number
  width: number
  height: number
}

/** View of the whole city. */
export const WHOLE_CITY: View = { x: -4, y: -6, width: 108, height: 110 }

/** Width ÷ height of {@link viewOf}. */
export const ASPECT = 16 / 10
/** Distance of the places from the edges; a marker is higher than it is wide. */
const MARGIN = { x: 12, top: 14, bottom: 9 }
/** The view is not closer than this. */
const MIN_WIDTH = 48
/** Edges are multiples of this, so that the view stays while a place moves within it. */
const STEP = 6

/** Returns the smallest view that contains all points. */
export function viewOf(points: readonly Point[]): View {
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const left = down(Math.min(...xs) - MARGIN.x)
  const right = up(Math.max(...xs) + MARGIN.x)
  const top = down(Math.min(...ys) - MARGIN.top)
  const bottom = up(Math.max(...ys) + MARGIN.bottom)
  const width = Math.max(right - left, (bottom - top) * ASPECT, MIN_WIDTH)
  const height = width / ASPECT
  return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height }
}

function down(value: number): number {
  return Math.floor(value / STEP) * STEP
}

function up(value: number): number {
  return Math.ceil(value / STEP) * STEP
}

/** Returns the point of the city at a place of the screen, from the rectangle of the map that shows the view. */
export function pointAt(
  view: View,
  { left, top, width, height }: Pick<DOMRect, 'left' | 'top' | 'width' | 'height'>,
  clientX: number,
  clientY: number,
): Point {
  const within = (value: number) => Math.round(Math.min(100, Math.max(0, value)) * 10) / 10
  return {
    x: within(view.x + (view.width * (clientX - left)) / width),
    y: within(view.y + (view.height * (clientY - top)) / height),
  }
}
