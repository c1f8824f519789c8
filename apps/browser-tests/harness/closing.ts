// Orders that end early: the reason, and the refund.
import assert from 'node:assert/strict'

import type { Page } from 'playwright-core'

import { takeStep } from './dashboard.ts'
import { graphql, until } from './stack.ts'

/** Waits until the payment of an order is returned, once. */
export async function refunded(id: string): Promise<void> {
  await until(`order ${id} is refunded`, async () => {
    const { refunds } = await graphql<{ refunds: { amount: number; status: string }[] }>(
      'query ($id: String!) { refunds(where: {order_id: {_eq: $id}}) { amount status } }',
      { id },
    )
    assert.ok(refunds.length <= 1, `${refunds.length} refunds`)
    return refunds[0]?.status === 'succeeded' && refunds[0].amount === 500
  })
}

/** Chooses a reason in the open dialog and confirms it. */
export async function giveReason(
  page: Page,
  choice: string,
  details: string,
  confirm: string,
): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: new RegExp(`^${confirm}`) }).click()
  await dialog.getByText('Choose a reason, or write one.').waitFor()
  await dialog.getByLabel(choice).check()
  await dialog.getByLabel(/^Details for the customer/).fill(details)
  await takeStep(dialog.getByRole('button', { name: new RegExp(`^${confirm}`) }))
}
