import { status as texts } from '../texts/status'

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

/** Values of `orders.status` of an order that was closed before it was delivered. */
export const CLOSED_STATUSES = ['cancelled', 'rejected', 'expired', 'failed'] as const

/** All values of `orders.status`. */
export const ALL_STATUSES = [...STATUSES, ...CLOSED_STATUSES] as const

/** Status of an order in its life cycle; derived by the database. */
export type Status = (typeof STATUSES)[number]

export type ClosedStatus = (typeof CLOSED_STATUSES)[number]

/** Status of an order. */
export type AnyStatus = Status | ClosedStatus

/** Label and colour of a status. */
export interface StatusStyle {
  label: string
  /** A colour of the theme. */
  color: string
}

const COLOURS: Record<AnyStatus, string> = {
  placed: 'gray',
  refused: 'red',
  validated: 'yellow',
  paid: 'cyan',
  approved: 'blue',
  assigned: 'violet',
  picked_up: 'grape',
  delivered: 'green',
  cancelled: 'gray',
  rejected: 'red',
  expired: 'gray',
  failed: 'red',
}

/** Returns the style of a status; the status itself is the label if a newer database added it. */
export function statusStyle(status: string): StatusStyle {
  return isStatus(status)
    ? { label: texts[status], color: COLOURS[status] }
    : { label: status, color: 'gray' }
}

/** Returns whether this version of the apps supports the status. */
export function isStatus(status: string): status is AnyStatus {
  return (ALL_STATUSES as readonly string[]).includes(status)
}

/** Returns whether the status is that of an order that was closed before it was delivered. */
export function isClosed(status: string | null | undefined): status is ClosedStatus {
  return (CLOSED_STATUSES as readonly (string | null | undefined)[]).includes(status)
}
