import { EmptyState, PageTitle, useLive } from '@threefactor/shared'
import { Store } from 'lucide-react'

import { BackLink } from '../../common/BackLink'
import { RestaurantsDocument } from '../../gql/graphql'
import { MenuEditor } from './MenuEditor'

/** Menu of a restaurant, for the manager. */
export function RestaurantMenuPage({ restaurant }: { restaurant: number }) {
  const { data } = useLive(RestaurantsDocument, {})
  const name = data?.restaurants.find(({ id }) => id === restaurant)?.name
  return (
    <>
      <BackLink href="/availability">Availability</BackLink>
      <PageTitle title={name === undefined ? 'Menu' : `Menu of ${name}`} />
      {data && name === undefined ? (
        <EmptyState icon={<Store size={28} />} title="This restaurant does not exist" />
      ) : (
        <MenuEditor restaurant={restaurant} canAdd={false} />
      )}
    </>
  )
}
