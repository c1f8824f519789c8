import type { Client, CombinedError } from 'urql'

import { PlaceOrderDocument } from '../../gql/graphql'
import { cart as texts } from '../../texts/cart'

/** Content of an order. */
export interface Draft {
  /** Set in open mode only; otherwise the backend takes the customer from the token. */
  user?: string
  address: string
  /** To the restaurant; absent if there is none. */
  note?: string
  restaurant: number
  items: readonly { item: string; quantity: number }[]
}

/**
 * Places an order and its items in one transaction.
 *
 * An existing id counts as placed: an earlier attempt succeeded and only its response was lost.
 *
 * @throws Error with a message for the customer
 */
export async function placeOrder(client: Client, order_id: string, draft: Draft): Promise<void> {
  const { error } = await client
    .mutation(PlaceOrderDocument, {
      order: {
        order_id,
        ...(draft.user !== undefined && { user_id: draft.user }),
        address: draft.address,
        restaurant_id: draft.restaurant,
        ...(draft.note !== undefined && { note: draft.note }),
      },
      items: draft.items.map((item) => ({ ...item, order_id })),
    })
    .toPromise()
  if (error && !isAlreadyPlaced(error)) throw new Error(customerText(error), { cause: error })
}

function isAlreadyPlaced(error: CombinedError): boolean {
  return error.graphQLErrors.some((each) => each.message.includes('orders_pkey'))
}

/** Message of the constraint `orders_of_paused_restaurant`. */
const PAUSED = 'takes no orders until'

function customerText(error: CombinedError): string {
  if (error.networkError) return texts.notConfirmed
  const isPaused = error.graphQLErrors.some(({ message }) => message.includes(PAUSED))
  return isPaused ? texts.pausedMeanwhile : texts.notPlaced
}
