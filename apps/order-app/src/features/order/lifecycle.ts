import { isClosed, type ClosedStatus } from '@threefactor/shared'

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

const CLOSED_HEADLINES: Record<ClosedStatus, string> = {
  cancelled: 'You cancelled this order',
  rejected: 'The restaurant rejected your order',
  expired: 'Your order has expired',
  failed: 'Your order could not be delivered',
}

export type StepState = 'done' | 'current' | 'failed' | 'todo'

/** One step of the life cycle of an order. */
export interface Step {
  key: 'validated' | 'paid' | 'approved' | 'assigned' | 'picked_up' | 'delivered'
  /** Noun, because a participle would read as done before the step begins. */
  label: string
  /** Shown while the step is the current one. */
  description: string
  state: StepState
}

/**
 * Returns the steps of an order. Each depends on its own columns only, because the app of the Node.js example can pay an
 * order before it is validated. The first step that is not done is the current one, or the failed one.
 */
export function lifecycle(order: Lifecycle): Step[] {
  const steps: [Step['key'], string, string, boolean][] = [
    ['validated', 'Order', 'Checking your order', order.order_valid === true],
    ['paid', 'Payment', 'Waiting for your payment', order.payment_valid === true],
    ['approved', 'Restaurant', 'Waiting for the restaurant', order.approved],
    ['assigned', 'Driver', 'Looking for a driver', order.driver_assigned],
    ['picked_up', 'Pick-up', 'Waiting for pick-up', order.food_picked],
    ['delivered', 'Delivery', 'On the way to you', order.delivered],
  ]
  const refused = order.problem != null || isClosed(order.status)
  const next = steps.findIndex(([, , , done]) => !done)
  return steps.map(([key, label, description, done], index) => {
    const state = done ? 'done' : index !== next ? 'todo' : refused ? 'failed' : 'current'
    return { key, label, description, state }
  })
}

/** Returns the reason why an order is closed as one sentence. */
export function closedHeadline(status: ClosedStatus): string {
  return CLOSED_HEADLINES[status]
}

/** Returns the state of an order as one sentence. */
export function headline(order: Lifecycle): string {
  if (order.problem != null) return 'Your order was refused'
  if (isClosed(order.status)) return closedHeadline(order.status)
  return lifecycle(order).find(({ state }) => state === 'current')?.description ?? 'Delivered'
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
