/** Time ranges of the figures, as the database names them. */
export const RANGES = ['15m', '1h', 'today', '7d'] as const

/** Time range of the figures. */
export type Range = (typeof RANGES)[number]

/** Range of an address without one. */
export const DEFAULT_RANGE: Range = '1h'

/** Returns the range of an address; the default one if it has none, or an unknown one. */
export function rangeOf(text: string | null): Range {
  return RANGES.find((range) => range === text) ?? DEFAULT_RANGE
}
