// From the database's clock to the screen.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { median, observe, sights } from './harness/latency.ts'
import { pay, place, reach, until } from './harness/stack.ts'

/** How many orders are watched. */
const ORDERS = 20
/** What the median may be, in milliseconds. */
const GOAL = 100

test(`a change is on the screen within ${GOAL} ms of being written down`, async (context) => {
  const user = 'quick'
  const page = await open('order_app', { user })
  const delays = new Map<string, number[]>()
  for (let n = 0; n < ORDERS; n += 1) {
    const id = await place(user)
    await reach(id, 'validated')
    await page.goto(new URL(`/orders/${id}`, page.url()).href)
    await page.getByText('Order checked').waitFor()
    await observe(page)
    assert.equal(await pay(id), 200)
    await page.locator('[data-step="assigned"][data-state="done"]').waitFor()
    await until('the story is told', async () => (await sights(page)).length === 3)
    const steps = ['paid', 'approved', 'assigned']
    for (const [index, { at, seen }] of (await sights(page)).entries()) {
      const step = steps[index] ?? ''
      delays.set(step, [...(delays.get(step) ?? []), seen - Date.parse(at)])
    }
  }
  for (const [step, found] of delays) {
    context.diagnostic(
      `on screen after ${median(found)} ms, median of ${found.length}, most ${Math.max(...found)} ms: ${step}`,
    )
  }
  const all = [...delays.values()].flat()
  context.diagnostic(`on screen after ${median(all)} ms, median of all ${all.length}`)
  assert.ok(median(all) <= GOAL, `median ${median(all)} ms`)
  await close(page)
})
