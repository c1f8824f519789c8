import {
  BackLink,
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  StatePicture,
  customerMessage,
  useLive,
} from '@threefactor/shared'
import { Link, useSearchParams } from 'wouter'

import { MenuDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { restaurant as texts } from '../../texts/restaurant'
import { CartPanel } from '../cart/CartPanel'
import { byCategory } from './categories'
import { CategoryNav } from './CategoryNav'
import { MenuPlaceholder, MenuSections } from './MenuSections'
import { RestaurantHeader } from './RestaurantHeader'
import classes from './RestaurantPage.module.css'
import { useRestaurant, useRestaurants } from './RestaurantsProvider'

/** Page of a restaurant: its menu by category, and the cart. */
export function RestaurantPage({ user, id }: { user: string; id: number | undefined }) {
  const { restaurants, error, retry } = useRestaurants()
  const restaurant = useRestaurant(id)
  const menu = useLive(MenuDocument, { id: id ?? 0 }, { pause: id === undefined })
  const [params] = useSearchParams()
  const categories = byCategory(menu.data?.menu_items ?? [])
  const failure = error && !restaurants ? { error, retry } : menu.error && !menu.data ? menu : undefined
  const found = restaurants === undefined || restaurant !== undefined
  return (
    <>
      <BackLink href="/">{texts.back}</BackLink>
      {found ? (
        <RestaurantHeader restaurant={restaurant} />
      ) : (
        <>
          <PageTitle title={texts.notFound} />
          <EmptyState picture={<StatePicture name="not-found" />} title={texts.notFoundHint}>
            <Link href="/">{common.toRestaurants}</Link>
          </EmptyState>
        </>
      )}
      {failure?.error && <ErrorState message={customerMessage(failure.error)} onRetry={failure.retry} />}
      {restaurant && (
        <div className={classes.columns}>
          <div className={classes.menu}>
            {categories.length > 1 && <CategoryNav names={categories.map(({ name }) => name)} />}
            {menu.loading && <MenuPlaceholder />}
            {menu.data && categories.length === 0 && <EmptyState title={texts.emptyMenu} />}
            <MenuSections restaurant={restaurant} categories={categories} shown={params.get('dish')} />
          </div>
          <CartPanel key={restaurant.id} user={user} restaurant={restaurant} />
        </div>
      )}
      {!restaurants && !failure && <LoadingState rows={5} label={texts.loading} />}
    </>
  )
}
