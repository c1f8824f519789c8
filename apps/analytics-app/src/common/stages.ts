import type { Status } from '@threefactor/shared'

/** What it is called that an order reaches a status; a status's own label says what the order waits for. */
export const REACHED: Record<Status, string> = {
  placed: 'Placed',
  refused: 'Refused',
  validated: 'Validated',
  paid: 'Paid',
  approved: 'Approved',
  assigned: 'Assigned',
  picked_up: 'Picked up',
  delivered: 'Delivered',
}
