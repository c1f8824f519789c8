import { duration, integerText, money } from '@threefactor/shared'

import type { RestaurantFiguresSubscription } from '../../gql/graphql'
import { common } from '../../texts/common'
import { figures as texts } from '../../texts/figures'
import type { Tile } from './Tiles'

/** Figures of a restaurant, or of all together. The columns of a view are nullable; null counts as zero. */
export type Figures = RestaurantFiguresSubscription['restaurant_figures'][number]

/** Returns the money that stays after refunds, in cents. */
export function netRevenue({ revenue, refunded }: Pick<Figures, 'revenue' | 'refunded'>): number {
  return (revenue ?? 0) - (refunded ?? 0)
}

/** Returns the number of orders that validation refused or the restaurant rejected. */
export function notAccepted({ refused, rejected }: Pick<Figures, 'refused' | 'rejected'>): number {
  return (refused ?? 0) + (rejected ?? 0)
}

/** Returns a duration, or a dash if there is none. */
export function timeText(ms: number | null): string {
  return ms === null ? common.noValue : duration(ms)
}

/** Returns an amount of money, or a dash if there is none. */
export function moneyText(cents: number | null): string {
  return cents === null ? common.noValue : money(cents)
}

/**
 * Returns the tiles of the overview.
 *
 * @param figures undefined until they are loaded
 */
export function tilesOf(figures: Figures | undefined): Tile[] {
  return TILES.map(([name, content]) => {
    const [value, detail] = figures ? content(figures) : []
    return { name, value, detail }
  })
}

/** Name of each tile, and its value and detail. */
const TILES: [string, (figures: Figures) => [value: string, detail: string]][] = [
  [texts.revenue, (row) => [money(netRevenue(row)), texts.fromPaid(count(row.paid))]],
  [texts.orders, ({ orders, delivered }) => [count(orders), texts.delivered(count(delivered))]],
  [texts.average, ({ average_total }) => [moneyText(average_total), texts.perPaidOrder]],
  [texts.duration, ({ median_ms, p99_ms }) => [timeText(median_ms), texts.percentile(timeText(p99_ms))]],
  [
    texts.notAccepted,
    (row) => [
      integerText(notAccepted(row)),
      texts.refusedAndRejected(count(row.refused), count(row.rejected)),
    ],
  ],
  [
    texts.refunded,
    ({ refunded, cancelled, expired, failed }) => [
      money(refunded ?? 0),
      texts.closed(count(cancelled), count(expired), count(failed)),
    ],
  ],
]

function count(value: number | null): string {
  return integerText(value ?? 0)
}
