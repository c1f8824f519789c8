import { Notice, isClosed, money, shortTime } from '@threefactor/shared'
import type { ReactNode } from 'react'

import { closedHeadline } from './lifecycle'

/** Columns of an order from which its notice is derived. */
export interface OrderState {
  status?: string | null
  problem?: string | null
  closeReason?: string | null
  refunds: readonly { amount: number; status: string; refunded?: string | null }[]
  history: readonly { step: string; outcome: string }[]
}

/** Reason why the order was refused, closed or is waiting, with what the customer can do. Empty in all other states. */
export function Advice({
  status,
  problem,
  closeReason,
  refunds,
  history,
  children,
}: OrderState & {
  /** What the customer can do after a refusal, or when the order is closed. */
  children?: ReactNode
}) {
  const last = history.at(-1)
  if (problem != null) {
    return (
      <Notice tone="bad" title="Your order was refused">
        <p>{problem} You have not been charged.</p>
        {children}
      </Notice>
    )
  }
  if (isClosed(status)) {
    return (
      <Notice tone="bad" title={closedHeadline(status)}>
        {closeReason != null && <p>{closeReason}</p>}
        {refunds.map(({ amount, status: state, refunded }, index) => (
          <p key={index}>
            {state === 'succeeded' && refunded != null
              ? `Your payment of ${money(amount)} was returned on ${shortTime(refunded)}.`
              : `Your payment of ${money(amount)} is being returned.`}
          </p>
        ))}
        {children}
      </Notice>
    )
  }
  if (status === 'paid' && last?.step === 'restaurant-approval' && last.outcome === 'waiting') {
    return (
      <Notice tone="waiting" title="Waiting for the restaurant">
        The restaurant confirms each order manually. You don’t need to do anything; this page updates
        automatically.
      </Notice>
    )
  }
  if (status === 'approved' && last?.step === 'agent-assignment' && last.outcome === 'waiting') {
    return (
      <Notice tone="waiting" title="Looking for a driver">
        We assign the next one that becomes available.
      </Notice>
    )
  }
  return null
}
