import { Notice } from '@threefactor/shared'
import { Link } from 'wouter'

/** What of an order tells whether something is wrong with it. */
export interface Trouble {
  status?: string | null
  problem?: string | null
  history: readonly { step: string; outcome: string }[]
}

/** What went wrong, or what the order waits for, in plain words; and what can be done. Nothing while all is well. */
export function Advice({ status, problem, history }: Trouble) {
  const last = history.at(-1)
  if (problem != null) {
    return (
      <Notice tone="bad" title="The order was refused">
        {problem} You have not been charged. <Link href="/">Order something else</Link>
      </Notice>
    )
  }
  if (status === 'paid' && last?.step === 'restaurant-approval' && last.outcome === 'waiting') {
    return (
      <Notice tone="waiting" title="The restaurant decides">
        A person there looks at each order, or the restaurant has closed since you ordered. There is nothing
        for you to do: this page goes on by itself as soon as they take it.
      </Notice>
    )
  }
  if (status === 'approved' && last?.step === 'agent-assignment' && last.outcome === 'waiting') {
    return (
      <Notice tone="waiting" title="All drivers are busy">
        Your order is first in line for the next free driver. There is nothing for you to do.
      </Notice>
    )
  }
  return null
}
