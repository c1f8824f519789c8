import { stuck } from '../../texts/stuck'

const texts = stuck.reasons

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
      return { text: waiting ? texts.manualApproval : texts.approval, remedy: 'approve' }
    case 'agent-assignment':
      return waiting
        ? { text: texts.noDriver, remedy: 'drivers' }
        : { text: texts.assignment, remedy: 'wait' }
    case 'validate-order':
      return { text: texts.validation, remedy: 'wait' }
    case 'pick-up':
      return { text: texts.pickUp, remedy: 'drivers' }
    case 'delivery':
      return { text: texts.delivery, remedy: 'work' }
    case 'refund-payment':
      return { text: texts.refund, remedy: 'wait' }
    default:
      return { text: texts.unknown, remedy: 'wait' }
  }
}
