import { common } from '../texts/common'

/** Returns the label of a step, or the step itself if it is unknown. */
export function stepName(step: string): string {
  return common.steps[step] ?? step
}

/** Returns an outcome as text: `picked up` from `picked_up`. */
export function outcomeLabel(outcome: string): string {
  return outcome.replaceAll('_', ' ')
}
