import type { Client, CombinedError } from 'urql'

import { PlaceOrdersDocument } from '../../gql/graphql'

/** What is ordered, where to, and from whom. */
export interface Draft {
  user: string
  address: string
  restaurant: number
  items: readonly { item: string; quantity: number }[]
}

/**
 * Places one order per id, all with the same content, in one transaction.
 *
 * An id that is there already counts as placed: its first try got through and only the answer was lost.
 *
 * @throws Error with a sentence for the customer
 */
export async function placeOrders(client: Client, ids: readonly string[], draft: Draft): Promise<void> {
  const { error } = await client
    .mutation(PlaceOrdersDocument, {
      orders: ids.map((order_id) => ({
        order_id,
        user_id: draft.user,
        address: draft.address,
        restaurant_id: draft.restaurant,
        placed: true,
      })),
      items: ids.flatMap((order_id) => draft.items.map((item) => ({ ...item, order_id }))),
    })
    .toPromise()
  if (error && !isPlacedAlready(error)) throw new Error(inWords(error))
}

function isPlacedAlready(error: CombinedError): boolean {
  return error.graphQLErrors.some((each) => each.message.includes('orders_pkey'))
}

function inWords(error: CombinedError): string {
  if (error.networkError) {
    return 'The server cannot be reached, so it is not known whether the order arrived. Try again: it is placed once at most.'
  }
  if (error.graphQLErrors.some((each) => each.message.includes('items_quantity_check'))) {
    return 'That is too many of one dish for one order. Nothing was ordered.'
  }
  return `Nothing was ordered: ${error.graphQLErrors.map((each) => each.message).join(' · ')}`
}
