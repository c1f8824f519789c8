/** The words of `orders.status`, in the order in which an order meets them. */
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

/** One word for how far an order is; the database derives it. */
export type Status = (typeof STATUSES)[number]

/** How a status is shown. */
export interface StatusLook {
  label: string
  /** A colour of the theme. */
  color: string
}

const LOOKS: Record<Status, StatusLook> = {
  placed: { label: 'Placed', color: 'gray' },
  refused: { label: 'Refused', color: 'red' },
  validated: { label: 'Ready to pay', color: 'yellow' },
  paid: { label: 'Paid', color: 'cyan' },
  approved: { label: 'Approved', color: 'blue' },
  assigned: { label: 'Driver assigned', color: 'violet' },
  picked_up: { label: 'On its way', color: 'grape' },
  delivered: { label: 'Delivered', color: 'green' },
}

/** How to show a status; one that a newer database has is shown as it is. */
export function statusLook(status: string): StatusLook {
  return isStatus(status) ? LOOKS[status] : { label: status, color: 'gray' }
}

/** Whether this app knows the word. */
export function isStatus(status: string): status is Status {
  return (STATUSES as readonly string[]).includes(status)
}
