import {
  BackLink,
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Store } from 'lucide-react'

import { RestaurantsDocument } from '../../gql/graphql'
import { availability } from '../../texts/availability'
import { common } from '../../texts/common'
import { menu as texts } from '../../texts/menu'
import { MenuEditor } from './MenuEditor'

/** Menu of a restaurant, for the manager. */
export function RestaurantMenuPage({ restaurant }: { restaurant: number }) {
  const { data, loading, error, retry } = useLive(RestaurantsDocument, {})
  const name = data?.restaurants.find(({ id }) => id === restaurant)?.name
  return (
    <>
      <BackLink href="/availability">{availability.title}</BackLink>
      <PageTitle title={name === undefined ? texts.title : texts.titleOf(name)} />
      {loading && <LoadingState rows={6} label={texts.loading} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && name === undefined && (
        <EmptyState icon={<Store size={28} />} title={common.noSuchRestaurant} />
      )}
      {name !== undefined && <MenuEditor restaurant={restaurant} canAdd={false} />}
    </>
  )
}
