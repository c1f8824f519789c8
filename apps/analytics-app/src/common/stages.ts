import type { Status } from '@threefactor/shared'

/** Labels of the event that an order reaches a status; the label of the status itself names what the order waits for. */
export const STAGE_LABELS: Record<Status, string> = {
  placed: 'Placed',
  refused: 'Refused',
  validated: 'Validated',
  paid: 'Paid',
  approved: 'Approved',
  assigned: 'Assigned',
  picked_up: 'Picked up',
  delivered: 'Delivered',
}
