/** Values of `orders.status`, in the order of an order's life cycle. */
export const STATUSES = [
  'placed',
  'refused',
  'validated',
  'paid',
  'approved',
  'assigned',
  'picked_up',
  'delivered',
] as const

/** Status of an order; derived by the database. */
export type Status = (typeof STATUSES)[number]

/** Label and colour of a status. */
export interface StatusStyle {
  label: string
  /** A colour of the theme. */
  color: string
}

const STYLES: Record<Status, StatusStyle> = {
  placed: { label: 'Placed', color: 'gray' },
  refused: { label: 'Refused', color: 'red' },
  validated: { label: 'Ready to pay', color: 'yellow' },
  paid: { label: 'Paid', color: 'cyan' },
  approved: { label: 'Approved', color: 'blue' },
  assigned: { label: 'Driver assigned', color: 'violet' },
  picked_up: { label: 'On the way', color: 'grape' },
  delivered: { label: 'Delivered', color: 'green' },
}

/** Returns the style of a status; the status itself is the label if a newer database added it. */
export function statusStyle(status: string): StatusStyle {
  return isStatus(status) ? STYLES[status] : { label: status, color: 'gray' }
}

/** Returns whether this version of the apps supports the status. */
export function isStatus(status: string): status is Status {
  return (STATUSES as readonly string[]).includes(status)
}
