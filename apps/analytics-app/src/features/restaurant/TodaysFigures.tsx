import { money, integerText, useLive } from '@threefactor/shared'

import { RestaurantFiguresDocument } from '../../gql/graphql'
import { useThrottled } from '../../common/useThrottled'
import { figures as texts } from '../../texts/figures'
import { Tiles, type Tile } from '../figures/Tiles'

/** Orders and revenue of a restaurant since midnight. */
export function TodaysFigures({ restaurant }: { restaurant: number }) {
  const { data } = useLive(RestaurantFiguresDocument, { range: 'today' })
  const own = useThrottled(data, 250)?.restaurant_figures.find((row) => row.restaurant_id === restaurant)
  const tiles: Tile[] = [
    {
      name: texts.revenueToday,
      value: own && money((own.revenue ?? 0) - (own.refunded ?? 0)),
      detail: own?.refunded ? texts.afterRefunds(money(own.refunded)) : undefined,
    },
    {
      name: texts.ordersToday,
      value: own && integerText(own.paid ?? 0),
      detail:
        own && texts.deliveredAndRejected(integerText(own.delivered ?? 0), integerText(own.rejected ?? 0)),
    },
  ]
  return <Tiles title={texts.today} tiles={tiles} />
}
