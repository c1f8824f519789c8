import { useLive, type LiveResult } from '@threefactor/shared'
import { createContext, useContext, useMemo, type ReactNode } from 'react'

import {
  RestaurantOpeningsDocument,
  RestaurantsDocument,
  type RestaurantOpeningsSubscription,
  type RestaurantsSubscription,
} from '../../gql/graphql'

type Row = RestaurantsSubscription['restaurants'][number]

/** Restaurant with what search, cart and receipts need of its menu. */
export interface Restaurant extends Row {
  /** Whether it takes orders now: by its switch, by its opening hours, and unless it has paused them. */
  open: boolean
  /** When it takes orders again; undefined if it is open, or closed by its switch. */
  opensAt: string | undefined
  /** Whether that is the end of a pause. */
  paused: boolean
}

interface RestaurantsState extends Omit<LiveResult<unknown>, 'data'> {
  /** Undefined until the first result. */
  restaurants: readonly Restaurant[] | undefined
}

const RestaurantsContext = createContext<RestaurantsState | undefined>(undefined)

/** Provides the restaurants to all pages, so that a page shows them at once. */
export function RestaurantsProvider({ children }: { children: ReactNode }) {
  const menus = useLive(RestaurantsDocument, {})
  const openings = useLive(RestaurantOpeningsDocument, {})
  const closed = openings.data?.restaurant_openings
  const state: RestaurantsState = {
    // Without the openings, a closed restaurant would be shown as open first.
    restaurants: closed && menus.data?.restaurants.map((row) => withOpening(row, closed)),
    loading: menus.loading || openings.loading,
    error: menus.error ?? openings.error,
    retry: () => {
      for (const { error, retry } of [menus, openings]) if (error) retry()
    },
  }
  return <RestaurantsContext value={state}>{children}</RestaurantsContext>
}

function withOpening(row: Row, closed: RestaurantOpeningsSubscription['restaurant_openings']): Restaurant {
  const opening = row.open ? closed.find(({ restaurant_id }) => restaurant_id === row.id) : undefined
  return {
    ...row,
    open: row.open && opening === undefined,
    opensAt: opening?.opens_at ?? undefined,
    paused: opening?.paused === true,
  }
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
