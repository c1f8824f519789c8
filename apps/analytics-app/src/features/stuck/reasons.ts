/** Columns of `stuck_orders` from which the reason is derived. */
export interface Stuck {
  next_step: string | null
  last_step: string | null
  last_outcome: string | null
}

/** Action that helps. */
export type Remedy = 'approve' | 'drivers' | 'work' | 'wait'

/** Reason of a delay, and its remedy. */
export interface Reason {
  text: string
  remedy: Remedy
}

/** Derives the reason from the next step and the last history entry. */
export function reason({ next_step, last_step, last_outcome }: Stuck): Reason {
  const waiting = last_step === next_step && last_outcome === 'waiting'
  switch (next_step) {
    case 'restaurant-approval':
      return waiting
        ? { text: 'The restaurant approves orders manually.', remedy: 'approve' }
        : {
            text: 'The approval function has not responded yet. You can approve the order manually.',
            remedy: 'approve',
          }
    case 'agent-assignment':
      return waiting
        ? { text: 'No driver is available. The assignment is retried automatically.', remedy: 'drivers' }
        : {
            text: 'The driver assignment function has not responded yet. The event is redelivered automatically.',
            remedy: 'wait',
          }
    case 'validate-order':
      return {
        text: 'The validation function has not responded yet. The event is redelivered automatically.',
        remedy: 'wait',
      }
    case 'pick-up':
      return {
        text: 'The driver has not picked up the order in time. Another driver is asked automatically.',
        remedy: 'drivers',
      }
    case 'delivery':
      return {
        text: 'The driver has not delivered the order in time. Ask the driver, or report that the delivery failed.',
        remedy: 'work',
      }
    case 'refund-payment':
      return {
        text: 'The payment has not been returned yet. The event is redelivered automatically.',
        remedy: 'wait',
      }
    default:
      return { text: 'Waiting for an unknown step.', remedy: 'wait' }
  }
}
