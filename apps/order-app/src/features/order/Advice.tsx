import { Notice } from '@threefactor/shared'
import { Link } from 'wouter'

/** Columns of an order from which its notice is derived. */
export interface OrderState {
  status?: string | null
  problem?: string | null
  history: readonly { step: string; outcome: string }[]
}

/** Reason why the order was refused or is waiting, with what the customer can do. Empty in all other states. */
export function Advice({ status, problem, history }: OrderState) {
  const last = history.at(-1)
  if (problem != null) {
    return (
      <Notice tone="bad" title="Your order was refused">
        {problem} You have not been charged. <Link href="/">Order something else</Link>
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
