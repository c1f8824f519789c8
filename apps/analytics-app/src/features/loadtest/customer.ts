import { stringifyDocument } from '@urql/core'
import { authorization, logIn, newOrderId, type Config } from '@threefactor/shared'

import { PlaceOrdersDocument, type PlaceOrdersMutationVariables } from '../../gql/graphql'

/** Time limit of a request, as of the other requests of the apps. */
const REQUEST_TIMEOUT_MS = 15_000

/** Customer of all orders of the load test. */
export const CUSTOMER = 'load-test'

const ADDRESS = '1 Load Test Lane'

/** What the customer orders. */
export interface LoadTestOrder {
  restaurant: number
  dish: string
}

/**
 * Logs the customer in and returns a function that places orders in one transaction. A manager may not place
 * orders, so the load test acts as a customer.
 *
 * @throws Error with a message for staff
 */
export async function placerOf(
  { access, graphqlUrl, loginUrl }: Config,
  { restaurant, dish }: LoadTestOrder,
): Promise<(count: number) => Promise<void>> {
  const login = await logIn(loginUrl, CUSTOMER)
  if (login.result !== 'signed-in') throw new Error(login.message)
  const { token } = login.session
  return async (count) => {
    const ids = Array.from({ length: count }, newOrderId)
    const variables: PlaceOrdersMutationVariables = {
      orders: ids.map((order_id) => ({
        order_id,
        address: ADDRESS,
        restaurant_id: restaurant,
        ...(access === 'open' && { user_id: CUSTOMER }),
      })),
      items: ids.map((order_id) => ({ order_id, item: dish, quantity: 1 })),
    }
    const response = await fetch(graphqlUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(access === 'secured' && authorization(token)),
      },
      body: JSON.stringify({ query: stringifyDocument(PlaceOrdersDocument), variables }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const { errors = [] } = (await response.json()) as { errors?: { message: string }[] }
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join(' · '))
  }
}
