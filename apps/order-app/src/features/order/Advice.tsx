import { Notice, isClosed, isToday, minuteTime, money, shortTime } from '@threefactor/shared'
import type { ReactNode } from 'react'

import { order as texts } from '../../texts/order'
import classes from './Advice.module.css'

/** Columns of an order from which its notice is derived. */
export interface OrderState {
  status?: string | null
  problem?: string | null
  close_reason?: string | null
  answer_by?: string | null
  payments: readonly { status: string }[]
  refunds: readonly { amount: number; status: string; refunded?: string | null }[]
  order_history: readonly { step: string; outcome: string }[]
}

/**
 * Reason why the order was refused, closed or is waiting, with what the customer can do. Empty in all other states. The heading of
 * the page names the state.
 */
export function Advice({
  order: { status, problem, close_reason, answer_by, payments, refunds, order_history },
  children,
}: {
  order: OrderState
  /** What the customer can do after a refusal, or when the order is closed. */
  children?: ReactNode
}) {
  const last = order_history.at(-1)
  if (problem != null) {
    return (
      <Notice tone="bad">
        <p className={classes.problem}>{`${problem} ${texts.notCharged}`}</p>
        {children}
      </Notice>
    )
  }
  if (isClosed(status)) {
    return (
      <Notice tone="bad">
        {/* Customers know why they cancelled; the words of the restaurant or the driver are quoted. */}
        {close_reason != null && close_reason !== '' && status !== 'cancelled' && (
          <p>{status === 'rejected' || status === 'failed' ? texts.reason(close_reason) : close_reason}</p>
        )}
        {refunds.map(({ amount, status: state, refunded }, index) => (
          <p key={index}>
            {state === 'succeeded' && refunded != null
              ? (isToday(refunded) ? texts.refundedToday : texts.refunded)(money(amount), shortTime(refunded))
              : texts.refunding(money(amount))}
          </p>
        ))}
        {/* The refund is requested by the closing, and recorded a moment later. */}
        {refunds.length === 0 && payments.some(({ status }) => status === 'succeeded') && (
          <p>{texts.refundComing}</p>
        )}
        {!payments.some(({ status }) => status === 'processing' || status === 'succeeded') && (
          <p>{texts.notCharged}</p>
        )}
        {children}
      </Notice>
    )
  }
  if (status === 'paid' && last?.step === 'restaurant-approval' && last.outcome === 'waiting') {
    return (
      <Notice tone="waiting">
        <p>{texts.waiting}</p>
        {answer_by != null && <p>{texts.answerBy(minuteTime(answer_by))}</p>}
      </Notice>
    )
  }
  if (status === 'approved' && last?.step === 'agent-assignment' && last.outcome === 'waiting') {
    return (
      <Notice tone="waiting" title={texts.lookingTitle}>
        <p>{texts.looking}</p>
      </Notice>
    )
  }
  return null
}
