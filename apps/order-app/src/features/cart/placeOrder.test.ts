import { CombinedError, type Client } from 'urql'
import { expect, test } from 'vitest'

import { placeOrder } from './placeOrder'

/** Client whose mutations have this error. */
function failing(error: CombinedError): Client {
  return { mutation: () => ({ toPromise: () => Promise.resolve({ error }) }) } as unknown as Client
}

const draft = { address: '1 Main St', restaurant: 2, items: [{ item: 'pizza', quantity: 1 }] }
const place = (error: CombinedError) => placeOrder(failing(error), 'o-1', draft)
const refused = (message: string) => new CombinedError({ graphQLErrors: [message] })

test('an order that is already placed counts as placed', async () => {
  await place(refused('Uniqueness violation. duplicate key value violates unique constraint "orders_pkey"'))
})

test('the customer learns why the order is not placed, and whether that is certain', async () => {
  const paused =
    'Check constraint violation. restaurant "Casa Cura" takes no orders until 2026-11-30T20:15:00Z'
  await expect(place(refused(paused))).rejects.toThrow(/^The restaurant has just paused its orders\./)
  await expect(place(refused('database query error'))).rejects.toThrow(/^Your order could not be placed\./)
  const lost = new CombinedError({ networkError: new Error('timeout') })
  await expect(place(lost)).rejects.toThrow(/^We could not confirm your order\./)
})
