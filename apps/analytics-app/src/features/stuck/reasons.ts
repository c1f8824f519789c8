/** What is known of an order that waits for too long. */
export interface Stuck {
  next_step: string | null
  last_step: string | null
  last_outcome: string | null
}

/** Who can do something about it. */
export type Remedy = 'approve' | 'drivers' | 'wait'

/** Why an order is stuck, in plain words, and what helps. */
export interface Reason {
  text: string
  remedy: Remedy
}

/** Reads the reason out of the step that is next and the last entry of the history. */
export function reason({ next_step, last_step, last_outcome }: Stuck): Reason {
  const waits = last_step === next_step && last_outcome === 'waiting'
  switch (next_step) {
    case 'restaurant-approval':
      return waits
        ? { text: 'The restaurant does not approve by itself: a person has to.', remedy: 'approve' }
        : {
            text: 'The approval function has not answered yet. You can approve it yourself.',
            remedy: 'approve',
          }
    case 'agent-assignment':
      return waits
        ? { text: 'No driver was available. It is tried again until one is.', remedy: 'drivers' }
        : { text: 'The driver function has not answered yet. The event is delivered again.', remedy: 'wait' }
    case 'validate-order':
      return {
        text: 'The validation function has not answered yet. The event is delivered again.',
        remedy: 'wait',
      }
    default:
      return { text: 'It waits for a step that this page does not know.', remedy: 'wait' }
  }
}
