const STEPS: Record<string, string> = {
  'validate-order': 'Validation',
  payment: 'Payment',
  'restaurant-approval': 'Restaurant approval',
  'agent-assignment': 'Driver assignment',
  'pick-up': 'Pick-up',
  delivery: 'Delivery',
  cancellation: 'Cancellation',
  'expire-orders': 'Expiry',
  'refund-payment': 'Refund',
}

/** Returns the label of a step, or the step itself if it is unknown. */
export function stepName(step: string): string {
  return STEPS[step] ?? step
}

/** Returns an outcome as text: `picked up` from `picked_up`. */
export function outcomeLabel(outcome: string): string {
  return outcome.replaceAll('_', ' ')
}
