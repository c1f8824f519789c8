import { isClosed, isStatus } from '@threefactor/shared'

import { order as texts, type Names } from '../../texts/order'

/** Columns of `orders` that determine the state of each step. */
export interface Lifecycle {
  order_valid?: boolean | null
  payment_valid?: boolean | null
  approved: boolean
  driver_assigned: boolean
  food_picked: boolean
  delivered: boolean
  problem?: string | null
  status?: string | null
}

export type StepState = 'done' | 'current' | 'failed' | 'todo'

/** One step of the life cycle of an order. */
export interface Step {
  key: keyof typeof texts.steps
  label: string
  state: StepState
}

/**
 * Returns the steps of an order. Each depends on its own columns only, because the app of the Node.js example can pay an
 * order before it is validated. The first step that is not done is the current one, or the failed one.
 */
export function lifecycle(order: Lifecycle): Step[] {
  const steps: [Step['key'], boolean][] = [
    ['validated', order.order_valid === true],
    ['paid', order.payment_valid === true],
    ['approved', order.approved],
    ['assigned', order.driver_assigned],
    ['picked_up', order.food_picked],
    ['delivered', order.delivered],
  ]
  const refused = order.problem != null || isClosed(order.status)
  const next = steps.findIndex(([, done]) => !done)
  return steps.map(([key, done], index) => {
    const state = done ? 'done' : index !== next ? 'todo' : refused ? 'failed' : 'current'
    return { key, label: texts.steps[key], state }
  })
}

/** Returns the state of an order as one sentence, with the names that are known. */
export function headline(status: string | null | undefined, names: Names = {}): string {
  const known = status ?? 'placed'
  return isStatus(known) ? texts.headlines[known](names) : texts.yourOrder
}

/** Returns the steps as they are while only `shown` of the done ones are presented: the next of them is the current step. */
export function upTo(steps: readonly Step[], shown: number): readonly Step[] {
  if (shown >= doneCount(steps)) return steps
  return steps.map((step, index) => {
    if (index < shown || step.state === 'failed') return step
    return { ...step, state: index === shown ? 'current' : 'todo' }
  })
}

/** Returns the number of steps at the start that are done. */
export function doneCount(steps: readonly Step[]): number {
  const next = steps.findIndex(({ state }) => state !== 'done')
  return next < 0 ? steps.length : next
}
