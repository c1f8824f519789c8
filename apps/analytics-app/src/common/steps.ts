const STEPS: Record<string, string> = {
  'validate-order': 'Validation',
  payment: 'Payment',
  'restaurant-approval': 'Restaurant’s approval',
  'agent-assignment': 'Driver',
  'pick-up': 'Pick-up',
  delivery: 'Delivery',
}

/** A step's name for people; an unknown one as it is. */
export function stepName(step: string): string {
  return STEPS[step] ?? step
}

/** `waiting` stays, `picked_up` becomes `picked up`. */
export function outcomeWords(outcome: string): string {
  return outcome.replaceAll('_', ' ')
}
