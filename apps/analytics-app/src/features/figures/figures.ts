import { duration, integerText, money, percent } from '@threefactor/shared'

import type { RestaurantFiguresSubscription } from '../../gql/graphql'
import type { Tile } from './Tiles'

/** Figures of a restaurant, or of all together. The columns of a view are nullable; null counts as zero. */
export type Figures = RestaurantFiguresSubscription['restaurant_figures'][number]

/** Returns the money that stays after refunds, in cents. */
export function netRevenue({ revenue, refunded }: Pick<Figures, 'revenue' | 'refunded'>): number {
  return (revenue ?? 0) - (refunded ?? 0)
}

/** Returns the number of orders that validation refused or the restaurant rejected. */
export function refusals({ refused, rejected }: Pick<Figures, 'refused' | 'rejected'>): number {
  return (refused ?? 0) + (rejected ?? 0)
}

/** Returns a duration, or a dash if there is none. */
export function timeText(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}

/** Returns an amount of money, or a dash if there is none. */
export function moneyText(cents: number | null): string {
  return cents === null ? '–' : money(cents)
}

/**
 * Returns the tiles of the overview.
 *
 * @param figures undefined until they are loaded
 */
export function tilesOf(figures: Figures | undefined): Tile[] {
  if (!figures) return NAMES.map((name) => ({ name, value: undefined }))
  const { orders, paid, delivered, cancelled, expired, failed, refunded } = figures
  const refusedOrders = refusals(figures)
  const values: [string, string][] = [
    [money(netRevenue(figures)), `from ${integerText(paid ?? 0)} paid`],
    [integerText(orders ?? 0), `${integerText(delivered ?? 0)} delivered`],
    [moneyText(figures.average_total), 'per paid order'],
    [timeText(figures.median_ms), `99th percentile ${timeText(figures.p99_ms)}`],
    [
      integerText(refusedOrders),
      orders ? `${percent(refusedOrders / orders)} of the orders` : 'of no orders',
    ],
    [
      money(refunded ?? 0),
      `${integerText(cancelled ?? 0)} cancelled, ${integerText(expired ?? 0)} expired, ${integerText(failed ?? 0)} not delivered`,
    ],
  ]
  return values.map(([value, detail], n) => ({ name: NAMES[n] ?? '', value, detail }))
}

const NAMES = ['Revenue', 'Orders', 'Average order', 'Placed to delivered', 'Refused', 'Refunded']
