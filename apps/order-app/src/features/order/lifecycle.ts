/** What of an order's row the stepper needs. */
export interface Lifecycle {
  order_valid?: boolean | null
  payment_valid?: boolean | null
  approved: boolean
  driver_assigned: boolean
  food_picked: boolean
  delivered: boolean
  problem?: string | null
}

/** Where a step stands. */
export type StepState = 'done' | 'current' | 'failed' | 'todo'

/** One step of an order's life. */
export interface Step {
  key: 'placed' | 'validated' | 'paid' | 'approved' | 'assigned' | 'picked_up' | 'delivered'
  label: string
  /** What is going on while it is the current one. */
  doing: string
  state: StepState
}

/**
 * The steps of an order, from its row. A step is done when the row says so, whatever its neighbours say ("pay all" of the
 * original can pay an order before it is validated); the first that is not done is the current one, or the one that failed.
 */
export function lifecycle(order: Lifecycle): Step[] {
  const steps: [Step['key'], string, string, boolean][] = [
    ['placed', 'Placed', 'On its way to the kitchen', true],
    ['validated', 'Checked', 'Checking items, prices and the restaurant', order.order_valid === true],
    ['paid', 'Paid', 'Waiting for your payment', order.payment_valid === true],
    ['approved', 'Approved', 'Waiting for the restaurant to take it', order.approved],
    ['assigned', 'Driver', 'Looking for a driver', order.driver_assigned],
    ['picked_up', 'Picked up', 'Waiting for the driver to pick it up', order.food_picked],
    ['delivered', 'Delivered', 'On its way to you', order.delivered],
  ]
  const refused = order.problem != null
  const next = steps.findIndex(([, , , done]) => !done)
  return steps.map(([key, label, doing, done], index) => {
    const state = done ? 'done' : index !== next ? 'todo' : refused ? 'failed' : 'current'
    return { key, label, doing, state }
  })
}
