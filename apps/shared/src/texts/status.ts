import type { AnyStatus } from '../display/status'

/** Labels of the statuses of an order. */
export const status: Record<AnyStatus, string> = {
  placed: 'Placed',
  refused: 'Refused',
  validated: 'Ready to pay',
  paid: 'Paid',
  approved: 'Approved',
  assigned: 'Driver assigned',
  picked_up: 'On the way',
  delivered: 'Delivered',
  cancelled: 'Cancelled',
  rejected: 'Rejected',
  expired: 'Expired',
  failed: 'Not delivered',
}
