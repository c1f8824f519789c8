import type { AnyStatus } from '@threefactor/shared'

import type { Order_Summaries_Bool_Exp } from '../../gql/graphql'

/** Filters of the list of orders. */
export interface Filters {
  /** Part of a number, customer or address. */
  search: string
  status: AnyStatus | undefined
  restaurant: number | undefined
}

/** Returns the condition for orders that match the filters. */
export function conditionOf({ search, status, restaurant }: Filters): Order_Summaries_Bool_Exp {
  const text = search.trim().replace(/^#/, '')
  // The characters of the text are compared literally.
  const escaped = text.replace(/[\\%_]/g, '\\$&')
  return {
    ...(status && { status: { _eq: status } }),
    ...(restaurant !== undefined && { restaurant_id: { _eq: restaurant } }),
    ...(text !== '' && {
      _or: [
        { order_id: { _ilike: `${escaped}%` } },
        { user_id: { _ilike: `%${escaped}%` } },
        { address: { _ilike: `%${escaped}%` } },
      ],
    }),
  }
}

/** Returns the condition for orders that follow an order in a list of the newest ones first. */
export function conditionAfter(
  condition: Order_Summaries_Bool_Exp,
  last: { created: string; order_id: string },
): Order_Summaries_Bool_Exp {
  return {
    _and: [
      condition,
      {
        _or: [
          { created: { _lt: last.created } },
          { created: { _eq: last.created }, order_id: { _lt: last.order_id } },
        ],
      },
    ],
  }
}
