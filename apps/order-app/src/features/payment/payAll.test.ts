import { expect, test } from 'vitest'

import type { PayResult } from './pay'
import { payAll, type Payable } from './payAll'

const orders = (count: number): Payable[] =>
  Array.from({ length: count }, (_, n) => ({ order_id: String(n), total: 500 }))

test('each order is paid once, at most eight concurrently', async () => {
  const sent: string[] = []
  let running = 0
  let maximum = 0
  const send = async (order: Payable): Promise<PayResult> => {
    sent.push(order.order_id)
    maximum = Math.max(maximum, (running += 1))
    await new Promise((resolve) => setTimeout(resolve, 0))
    running -= 1
    return { result: 'paid' }
  }
  const steps: number[] = []
  const end = await payAll(orders(50), send, ({ paid }) => steps.push(paid), new AbortController().signal)
  expect(end.paid).toBe(50)
  expect(new Set(sent).size).toBe(50)
  expect(sent).toHaveLength(50)
  expect(maximum).toBe(8)
  expect(steps).toHaveLength(50)
})

test('transient errors are retried, refusals are counted by message', async () => {
  const attempts = new Map<string, number>()
  const send = ({ order_id }: Payable): Promise<PayResult> => {
    const n = (attempts.get(order_id) ?? 0) + 1
    attempts.set(order_id, n)
    if (order_id === '1') return Promise.resolve({ result: 'refused', message: 'Insufficient funds.' })
    if (order_id === '2') return Promise.resolve({ result: 'later', message: 'Offline.', retryAfterMs: 0 })
    return Promise.resolve(
      n < 3 ? { result: 'later', message: 'Busy.', retryAfterMs: 0 } : { result: 'paid' },
    )
  }
  const end = await payAll(orders(4), send, () => undefined, new AbortController().signal)
  expect(end.paid).toBe(2)
  expect(Object.fromEntries(end.problems)).toEqual({ 'Insufficient funds.': 1, 'Offline.': 1 })
  expect(Object.fromEntries(attempts)).toEqual({ 0: 3, 1: 1, 2: 5, 3: 3 })
})

test('no payment is started after an abort', async () => {
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
