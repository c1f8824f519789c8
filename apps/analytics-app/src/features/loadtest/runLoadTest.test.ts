import { expect, test } from 'vitest'

import { runLoadTest } from './runLoadTest'

test('orders are placed in batches, with the progress after each', async () => {
  const batches: number[] = []
  const placed: number[] = []
  const place = (count: number) => Promise.resolve(void batches.push(count))
  await runLoadTest(250, place, (progress) => placed.push(progress.placed), new AbortController().signal)
  expect(batches).toEqual([100, 100, 50])
  expect(placed).toEqual([0, 100, 200, 250])
})

test('no batch is started after an abort', async () => {
  const stop = new AbortController()
  let placed = 0
  await runLoadTest(
    1000,
    (count) => {
      placed += count
      stop.abort()
      return Promise.resolve()
    },
    () => undefined,
    stop.signal,
  )
  expect(placed).toBe(100)
})
