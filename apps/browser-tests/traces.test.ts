// The trace of an order: the link of its page in the dashboard, and the waterfall of `cargo xtask dev --traces`.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { close, open } from './harness/browser.ts'
import { customer } from './harness/customers.ts'
import { addresses, ordered, reach } from './harness/stack.ts'

const config = (await (await fetch(`${addresses.analytics_app}/config.json`)).json()) as { traceUrl?: string }
// Skipped only for a stack that was started by hand: the one of `cargo xtask test` collects traces.
const required = process.env.STACK_CONTROL !== undefined
const options = { skip: config.traceUrl || required ? false : 'the stack collects no traces' }

test('the page of an order links to the waterfall of its trace', options, async () => {
  const id = await ordered(customer('alice'), 1)
  await reach(id, 'assigned')
  const order = await open('analytics_app', { path: `/orders/${id}` })
  const opened = order.context().waitForEvent('page')
  await order.getByRole('link', { name: 'Trace of this order' }).click()
  const trace = await opened
  const row = (name: string) => trace.getByRole('button', { name: new RegExp(`^${name}, `) })
  for (const name of [
    'graphql',
    'deliver validate-order',
    'validate-order',
    'payment',
    'deliver restaurant-approval',
    'restaurant-approval',
    'deliver agent-assignment',
    'agent-assignment',
  ])
    await row(name).first().waitFor()
  // A span below its parent is indented.
  const indent = async (name: string) =>
    row(name)
      .first()
      .locator('.name')
      .evaluate((node) => parseFloat(getComputedStyle(node).paddingLeft))
  assert.ok((await indent('deliver validate-order')) > (await indent('graphql')))
  await row('payment').first().click()
  await trace.getByText(id, { exact: true }).waitFor()

  await trace.getByRole('searchbox').fill(id)
  await trace.getByRole('cell', { name: id }).waitFor()
  assert.equal(await trace.getByRole('row').count(), 2, 'the heading and one trace')
  await close(order, trace)
})
