import type { Client, CombinedError } from 'urql'

import { PlaceOrdersDocument } from '../../gql/graphql'

/** Content of an order. */
export interface Draft {
  /** Set in open mode only; otherwise the backend takes the customer from the token. */
  user?: string
  address: string
  restaurant: number
  items: readonly { item: string; quantity: number }[]
}

/**
 * Places one order per id, all with the same content, in one transaction.
 *
 * An existing id counts as placed: an earlier attempt succeeded and only its response was lost.
 *
 * @throws Error with a message for the customer
 */
export async function placeOrders(client: Client, ids: readonly string[], draft: Draft): Promise<void> {
  const { error } = await client
    .mutation(PlaceOrdersDocument, {
      orders: ids.map((order_id) => ({
        order_id,
        ...(draft.user !== undefined && { user_id: draft.user }),
        address: draft.address,
        restaurant_id: draft.restaurant,
      })),
      items: ids.flatMap((order_id) => draft.items.map((item) => ({ ...item, order_id }))),
    })
    .toPromise()
  if (error && !isAlreadyPlaced(error)) throw new Error(customerText(error), { cause: error })
}

function isAlreadyPlaced(error: CombinedError): boolean {
  return error.graphQLErrors.some((each) => each.message.includes('orders_pkey'))
}

function customerText(error: CombinedError): string {
  if (error.networkError) {
    return 'We could not confirm your order. Check your connection and try again; it will be placed only once.'
  }
  if (error.graphQLErrors.some((each) => each.message.includes('items_quantity_check'))) {
    return 'Your order contains too many of one dish. Reduce the quantity and try again.'
  }
  return 'Your order could not be placed. Please try again.'
}
