import { TextInput, VisuallyHidden } from '@mantine/core'
import { EmptyState, ErrorState, PageTitle, StatePicture, customerMessage } from '@threefactor/shared'
import { Search } from 'lucide-react'
import { Link, useSearchParams } from 'wouter'

import { home as texts } from '../../texts/home'
import { CartBar } from '../cart/CartBar'
import { useCart } from '../cart/CartProvider'
import { useRestaurants } from '../restaurant/RestaurantsProvider'
import { ActiveOrderLink } from '../updates/ActiveOrderLink'
import { useOrderUpdates } from '../updates/OrderUpdatesProvider'
import { CuisineFilter } from './CuisineFilter'
import classes from './HomePage.module.css'
import { RestaurantCard, RestaurantPlaceholder } from './RestaurantCard'
import { cuisines, matches } from './search'

/** Number of cards while the restaurants are loading. */
const PLACEHOLDERS = 6

/** Restaurants, with a search over them and their dishes. Search and cuisine are in the address, so that Back returns to them. */
export function HomePage() {
  const [params, setParams] = useSearchParams()
  const { restaurants, error, retry } = useRestaurants()
  const { loading: loadingOrders } = useOrderUpdates()
  const { cart } = useCart()
  const search = params.get('search') ?? ''
  const cuisine = params.get('cuisine') ?? ''
  const found = matches(restaurants ?? [], search, cuisine)
  // The link to an active order is above the cards: with both at once nothing moves.
  const loading = !error && (restaurants === undefined || loadingOrders)
  const isFiltered = search !== '' || cuisine !== ''
  const set = (name: 'search' | 'cuisine', value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before)
        if (value === '') after.delete(name)
        else after.set(name, value)
        return after
      },
      { replace: true },
    )
  return (
    <>
      <PageTitle title={texts.title} />
      <div className={classes.filters}>
        <TextInput
          type="search"
          className={classes.search ?? ''}
          aria-label={texts.search}
          placeholder={texts.searchPlaceholder}
          leftSection={<Search size={18} aria-hidden />}
          value={search}
          onChange={(event) => set('search', event.currentTarget.value)}
        />
        <CuisineFilter
          cuisines={restaurants && cuisines(restaurants)}
          value={cuisine}
          onChange={(cuisine) => set('cuisine', cuisine)}
        />
      </div>
      <VisuallyHidden role="status">{isFiltered && !loading ? texts.found(found.length) : ''}</VisuallyHidden>
      {error && !restaurants && <ErrorState message={customerMessage(error)} onRetry={retry} />}
      {!loading && !isFiltered && <ActiveOrderLink />}
      {restaurants && !loading && found.length === 0 && (
        <EmptyState
          picture={<StatePicture name="not-found" />}
          title={!isFiltered ? texts.none : search === '' ? texts.noMatchInCuisine : texts.noMatch(search)}
        >
          {isFiltered && <Link href="/">{texts.clearSearch}</Link>}
        </EmptyState>
      )}
      <ul className={classes.cards} aria-label={texts.restaurants} aria-busy={loading}>
        {loading && Array.from({ length: PLACEHOLDERS }, (_, index) => <RestaurantPlaceholder key={index} />)}
        {!loading &&
          found.map(({ restaurant, dishes }) => (
            <RestaurantCard key={restaurant.id} restaurant={restaurant} dishes={dishes} />
          ))}
      </ul>
      {cart && <CartBar cart={cart} />}
    </>
  )
}
