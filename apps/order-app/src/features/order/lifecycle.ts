/** Columns of `orders` that determine the state of each step. */
export interface Lifecycle {
  order_valid?: boolean | null
  payment_valid?: boolean | null
  approved: boolean
  driver_assigned: boolean
  food_picked: boolean
  delivered: boolean
  problem?: string | null
}

export type StepState = 'done' | 'current' | 'failed' | 'todo'

/** One step of the life cycle of an order. */
export interface Step {
  key: 'placed' | 'validated' | 'paid' | 'approved' | 'assigned' | 'picked_up' | 'delivered'
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
    ['placed', 'Order', 'Order placed', true],
    ['validated', 'Check', 'Checking your order', order.order_valid === true],
    ['paid', 'Payment', 'Waiting for your payment', order.payment_valid === true],
    ['approved', 'Approval', 'Waiting for the restaurant', order.approved],
    ['assigned', 'Driver', 'Looking for a driver', order.driver_assigned],
    ['picked_up', 'Pick-up', 'Waiting for pick-up', order.food_picked],
    ['delivered', 'Delivery', 'On the way to you', order.delivered],
  ]
  const refused = order.problem != null
  const next = steps.findIndex(([, , , done]) => !done)
  return steps.map(([key, label, description, done], index) => {
    const state = done ? 'done' : index !== next ? 'todo' : refused ? 'failed' : 'current'
    return { key, label, description, state }
  })
}
