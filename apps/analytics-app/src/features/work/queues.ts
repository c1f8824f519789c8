import type { TypedDocumentNode } from 'urql'

import type { Changed } from '../../common/useAction'
import {
  AcceptAssignmentDocument,
  ApproveDocument,
  DeclineAssignmentDocument,
  DeliverDocument,
  DriverToAcceptDocument,
  DriverToDeliverDocument,
  DriverToPickUpDocument,
  FailDeliveryDocument,
  PickUpDocument,
  RejectDocument,
  RestaurantToApproveDocument,
  ToApproveDocument,
  ToDeliverDocument,
  ToPickUpDocument,
} from '../../gql/graphql'

/** Order that waits for a manual step. The columns depend on the role. */
export interface Work {
  order_id: string | null
  created: string | null
  items: string | null
  /** Time at which the order, or its assignment, expires without the step. */
  deadline?: string | null
  total?: number | null
  user_id?: string | null
  address?: string | null
  restaurant?: string | null
  restaurant_id?: number | null
  driver?: string | null
}

/** Mutation that takes a step of the orders with these ids. */
export type StepMutation = TypedDocumentNode<Changed, { ids: string[] }>
/** {@link StepMutation} that closes the orders, for a reason that the customer sees. */
export type ClosingMutation = TypedDocumentNode<Changed, { ids: string[]; reason: string }>

/** Step that is taken instead of the next one. */
export interface Alternative {
  verb: string
  /** Label of an order for which it was used. */
  done: string
  mutation: StepMutation | ClosingMutation
  /** Asked before the mutation; absent if it needs no reason. */
  question?: { title: string; confirm: string; reasons: readonly string[] }
}

/** Orders that wait for the same manual step. `Scope` selects them in addition to the permissions. */
export interface Queue<Scope extends object> {
  title: string
  /** Shown if the queue is empty. */
  empty: string
  emptyHint: string
  /** Label of the button of one order. */
  verb: string
  /** Label of an order for which it was used. */
  done: string
  /** Label of the button for several orders; receives `all 7` or `the first 25`. */
  verbFor: (several: string) => string
  /** Message if the step was already stored. */
  unchanged: string
  orders: TypedDocumentNode<{ work: Work[] }, Scope & { limit: number }>
  mutation: StepMutation
  alternative?: Alternative
}

const UNCHANGED = 'This order has changed in the meantime'

const REJECTION: Alternative = {
  verb: 'Reject',
  done: 'Rejected',
  mutation: RejectDocument,
  question: {
    title: 'Reject this order?',
    confirm: 'Reject',
    reasons: ['Out of stock', 'Too busy', 'Closing'],
  },
}
const FAILURE: Alternative = {
  verb: 'Problem',
  done: 'Not delivered',
  mutation: FailDeliveryDocument,
  question: {
    title: 'Delivery not possible?',
    confirm: 'Report',
    reasons: ['Customer not reachable', 'Address not found', 'Order damaged'],
  },
}

/** Answer to an order, by its restaurant or a manager. */
export const APPROVAL = {
  title: 'Awaiting approval',
  empty: 'No orders awaiting approval',
  verb: 'Approve',
  done: 'Approved',
  verbFor: (several: string) => `Approve ${several}`,
  unchanged: UNCHANGED,
  mutation: ApproveDocument,
  alternative: REJECTION,
}
const PICK_UP = {
  title: 'Ready for pick-up',
  empty: 'No orders ready for pick-up',
  verb: 'Mark as picked up',
  done: 'Picked up',
  verbFor: (several: string) => `Mark ${several} as picked up`,
  unchanged: UNCHANGED,
  mutation: PickUpDocument,
}
const DELIVERY = {
  title: 'On the way',
  empty: 'No orders on the way',
  verb: 'Mark as delivered',
  done: 'Delivered',
  verbFor: (several: string) => `Mark ${several} as delivered`,
  unchanged: UNCHANGED,
  mutation: DeliverDocument,
  alternative: FAILURE,
}

/** Queues of the manager, in life cycle order. */
export const QUEUES: Queue<object>[] = [
  {
    ...APPROVAL,
    emptyHint: 'Paid orders of restaurants that approve manually appear here.',
    orders: ToApproveDocument,
  },
  { ...PICK_UP, emptyHint: 'Orders that a driver has accepted appear here.', orders: ToPickUpDocument },
  { ...DELIVERY, emptyHint: 'Picked-up orders appear here.', orders: ToDeliverDocument },
]

/** Queue of a restaurant. */
export const RESTAURANT_QUEUE: Queue<{ restaurant: number }> = {
  ...APPROVAL,
  title: 'New orders',
  empty: 'No new orders',
  emptyHint: 'Paid orders appear here until you accept or reject them.',
  verb: 'Accept',
  done: 'Accepted',
  verbFor: (several: string) => `Accept ${several}`,
  orders: RestaurantToApproveDocument,
}

/** Assignments that a driver has to answer. */
export const OFFERS: Queue<{ driver: number }> = {
  title: 'Offers',
  empty: 'No offers',
  emptyHint: 'Orders that you can accept or decline appear here.',
  verb: 'Accept',
  done: 'Accepted',
  verbFor: (several: string) => `Accept ${several}`,
  unchanged: UNCHANGED,
  mutation: AcceptAssignmentDocument,
  orders: DriverToAcceptDocument,
  alternative: { verb: 'Decline', done: 'Declined', mutation: DeclineAssignmentDocument },
}

/** Queues of a driver. */
export const DRIVER_QUEUES: Queue<{ driver: number }>[] = [
  OFFERS,
  {
    ...PICK_UP,
    emptyHint: 'Orders that you have accepted appear here.',
    orders: DriverToPickUpDocument,
    alternative: { verb: 'Release', done: 'Released', mutation: DeclineAssignmentDocument },
  },
  { ...DELIVERY, emptyHint: 'Orders that you have picked up appear here.', orders: DriverToDeliverDocument },
]
