import { useLive, type LiveResult } from '@threefactor/shared'
import { createContext, useContext, useMemo, type ReactNode } from 'react'

import { RestaurantsDocument, type RestaurantsSubscription } from '../../gql/graphql'

/** Restaurant with what search, cart and receipts need of its menu. */
export type Restaurant = RestaurantsSubscription['restaurants'][number]

interface RestaurantsState extends Omit<LiveResult<RestaurantsSubscription>, 'data'> {
  /** Undefined until the first result. */
  restaurants: readonly Restaurant[] | undefined
}

const RestaurantsContext = createContext<RestaurantsState | undefined>(undefined)

/** Provides the restaurants to all pages by one subscription, so that a page shows them at once. */
export function RestaurantsProvider({ children }: { children: ReactNode }) {
  const { data, ...live } = useLive(RestaurantsDocument, {})
  return (
    <RestaurantsContext value={{ restaurants: data?.restaurants, ...live }}>{children}</RestaurantsContext>
  )
}

/** Returns the restaurants. */
export function useRestaurants(): RestaurantsState {
  const state = useContext(RestaurantsContext)
  if (!state) throw new Error('useRestaurants must be used within a RestaurantsProvider')
  return state
}

/** Returns one restaurant; undefined if it does not exist or until the restaurants are loaded. */
export function useRestaurant(id: number | undefined): Restaurant | undefined {
  const { restaurants } = useRestaurants()
  return useMemo(() => restaurants?.find((restaurant) => restaurant.id === id), [restaurants, id])
}
