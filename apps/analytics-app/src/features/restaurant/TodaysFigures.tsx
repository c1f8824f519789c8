import { money, integerText, useLive } from '@threefactor/shared'

import { RestaurantFiguresDocument } from '../../gql/graphql'
import { useThrottled } from '../../common/useThrottled'
import { Tiles, type Tile } from '../figures/Tiles'

/** Orders and revenue of a restaurant since midnight. */
export function TodaysFigures({ restaurant }: { restaurant: number }) {
  const { data } = useLive(RestaurantFiguresDocument, { range: 'today' })
  const own = useThrottled(data, 250)?.restaurant_figures.find((row) => row.restaurant_id === restaurant)
  const tiles: Tile[] = [
    {
      name: 'Revenue today',
      value: own && money((own.revenue ?? 0) - (own.refunded ?? 0)),
      detail: own?.refunded ? `after ${money(own.refunded)} of refunds` : undefined,
    },
    {
      name: 'Orders today',
      value: own && integerText(own.paid ?? 0),
      detail:
        own && `${integerText(own.delivered ?? 0)} delivered, ${integerText(own.rejected ?? 0)} rejected`,
    },
  ]
  return <Tiles title="Today" tiles={tiles} />
}
