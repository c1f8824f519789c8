import { expect, test } from 'vitest'

import type { PayResult } from './pay'
import { payAll, type Payable } from './payAll'

const orders = (count: number): Payable[] =>
  Array.from({ length: count }, (_, n) => ({ order_id: String(n), total: 500 }))

test('each order is paid once, never more than eight at a time', async () => {
  const seen: string[] = []
  let now = 0
  let most = 0
  const send = async (order: Payable): Promise<PayResult> => {
    seen.push(order.order_id)
    most = Math.max(most, (now += 1))
    await new Promise((resolve) => setTimeout(resolve, 0))
    now -= 1
    return { result: 'paid' }
  }
  const steps: number[] = []
  const end = await payAll(orders(50), send, ({ paid }) => steps.push(paid), new AbortController().signal)
  expect(end.paid).toBe(50)
  expect(new Set(seen).size).toBe(50)
  expect(seen).toHaveLength(50)
  expect(most).toBe(8)
  expect(steps).toHaveLength(50)
})

test('what will pass is tried again; what was refused is counted by its reason', async () => {
  const tries = new Map<string, number>()
  const send = ({ order_id }: Payable): Promise<PayResult> => {
    const n = (tries.get(order_id) ?? 0) + 1
    tries.set(order_id, n)
    if (order_id === '1') return Promise.resolve({ result: 'refused', message: 'No money.' })
    if (order_id === '2') return Promise.resolve({ result: 'later', message: 'Away.', retryAfterMs: 0 })
    return Promise.resolve(
      n < 3 ? { result: 'later', message: 'Busy.', retryAfterMs: 0 } : { result: 'paid' },
    )
  }
  const end = await payAll(orders(4), send, () => undefined, new AbortController().signal)
  expect(end.paid).toBe(2)
  expect(Object.fromEntries(end.problems)).toEqual({ 'No money.': 1, 'Away.': 1 })
  expect(Object.fromEntries(tries)).toEqual({ 0: 3, 1: 1, 2: 5, 3: 3 })
})

test('after a stop nothing new is started', async () => {
  const stop = new AbortController()
  let sent = 0
  const send = (): Promise<PayResult> => {
    sent += 1
    if (sent === 10) stop.abort()
    return Promise.resolve({ result: 'paid' })
  }
  const end = await payAll(orders(1000), send, () => undefined, stop.signal)
  expect(end.paid).toBe(sent)
  expect(sent).toBeLessThan(30)
})
