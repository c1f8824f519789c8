// Latency from the database to the screen.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { median, recordEntries, recordedEntries } from './harness/latency.ts'
import { pay, place, reach, until } from './harness/stack.ts'

const ORDERS = 20
/** Maximum median. */
const LIMIT_MS = 100

test(`a change is rendered within ${LIMIT_MS} ms of its history row`, async (context) => {
  const user = customer('quick')
  const page = await open('order_app', { user })
  const delays = new Map<string, number[]>()
  for (let n = 0; n < ORDERS; n += 1) {
    const id = await place(user)
    await reach(id, 'validated')
    await page.goto(new URL(`/orders/${id}`, page.url()).href)
    await page.getByText('Order checked').waitFor()
    await recordEntries(page)
    assert.equal(await pay(id), 200)
    await page.locator('[data-step="assigned"][data-state="done"]').waitFor()
    await until('all three entries are rendered', async () => (await recordedEntries(page)).length === 3)
    const steps = ['paid', 'approved', 'assigned']
    for (const [index, { at, renderedAt }] of (await recordedEntries(page)).entries()) {
      const step = steps[index] ?? ''
      delays.set(step, [...(delays.get(step) ?? []), renderedAt - Date.parse(at)])
    }
  }
  for (const [step, measured] of delays) {
    context.diagnostic(
      `rendered after ${median(measured)} ms, median of ${measured.length}, maximum ${Math.max(...measured)} ms: ${step}`,
    )
  }
  const all = [...delays.values()].flat()
  context.diagnostic(`rendered after ${median(all)} ms, median of all ${all.length}`)
  assert.ok(median(all) <= LIMIT_MS, `median ${median(all)} ms`)
  await close(page)
})
